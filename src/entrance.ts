import { randomUUID } from 'node:crypto'
import type { BrokerConfig, TenantConfig } from './config/broker-config.ts'
import type { Node, Realm } from './protocol/ports.ts'
import { resolveTenant, type TenantRule } from './tenants/resolve-tenant.ts'

type Entrance = Pick<Node, 'mqtt' | 'mqttOn' | 'census' | 'resolve' | 'newClientId'>

/** The tenants that there are now. */
export interface Residents {
  /** In match order; another array whenever one comes or goes. */
  readonly configs: readonly Pick<TenantConfig, 'name' | 'match'>[]
  /** Undefined: whoever belongs to it is let in nowhere. */
  open(name: string): Realm | undefined
}

/** What newcomers meet: the settings that hold where they come in, and the tenant that they belong to. */
export function entranceOf(
  { mqtt, listeners }: Pick<BrokerConfig, 'mqtt' | 'listeners'>,
  residents: Residents,
): Entrance {
  const own = new Map(listeners.map((listener) => [listener.name, listener.mqtt]))
  let known: Residents['configs'] = []
  let rules: readonly TenantRule<Realm | undefined>[] = []
  return {
    mqtt,
    mqttOn: (listener) => own.get(listener) ?? mqtt,
    census: { sessions: 0 },
    resolve: ({ tls, upgrade }, listener, username) => {
      if (known !== residents.configs) {
        known = residents.configs
        rules = known.map(({ name, match }) => ({ tenant: residents.open(name), match }))
      }
      const found = resolveTenant(rules, { listener, tls, upgrade, username })
      return found?.tenant === undefined ? null : { realm: found.tenant, username: found.username }
    },
    newClientId: (prefix) => `${prefix}${randomUUID()}`,
  }
}
