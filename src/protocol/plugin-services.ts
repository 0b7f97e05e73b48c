import { FairTurns } from '../base/fair-turns.ts'
import { PLUGIN_PUBLISHES_ASKED, PLUGIN_TURN_MS, PLUGIN_READS_WAITING } from '../base/limits.ts'
import { AccessRevoker } from './access.ts'
import type { Node, Realm } from './ports.ts'
import { PluginPublisher } from './publish-from-plugin.ts'
import { PluginSubscriber } from './subscribe-from-plugin.ts'
import { TenantView } from './tenant-view.ts'

/** What the broker does for one tenant's plugins. */
export interface TenantServices {
  readonly publisher: PluginPublisher
  readonly subscriber: PluginSubscriber
  readonly view: TenantView
  readonly access: AccessRevoker
}

/** What the broker does for plugins: each tenant's for its own alone, all tenants' work in fair turns. */
export class PluginServices {
  readonly #node: Node
  readonly #realmOf: (tenant: string) => Realm | undefined
  readonly #reads = new FairTurns(PLUGIN_TURN_MS, PLUGIN_READS_WAITING)
  readonly #publishes = new FairTurns(PLUGIN_TURN_MS, PLUGIN_PUBLISHES_ASKED)
  readonly #byTenant = new Map<string, TenantServices>()

  constructor(node: Node, realmOf: (tenant: string) => Realm | undefined) {
    this.#node = node
    this.#realmOf = realmOf
  }

  of(tenant: string): TenantServices | undefined {
    const known = this.#byTenant.get(tenant)
    if (known !== undefined) return known
    const realm = this.#realmOf(tenant)
    if (realm === undefined) return undefined
    const services = {
      publisher: new PluginPublisher(this.#node, realm, this.#publishes),
      subscriber: new PluginSubscriber(this.#node, realm, this.#reads),
      view: new TenantView(this.#node, realm, this.#reads),
      access: new AccessRevoker(this.#node, realm, this.#reads),
    }
    this.#byTenant.set(tenant, services)
    return services
  }
}
