import type { BrokerConfigView, PluginHost, PreparedPlugin } from '../../sandbox/index.ts'
import { isSecretKey } from '../base/secret-key.ts'
import type { BrokerConfig, ListenerConfig, TenantConfig } from './broker-config.ts'
import { isPlainMap } from './config-tree.ts'
import { childPointer, type Pointer } from './pointer.ts'

/** What the plugin host needs of a tenant. */
export function tenantSpec(
  config: BrokerConfig,
  tenant: TenantConfig,
  plugins: readonly PreparedPlugin[],
): Parameters<PluginHost['openTenant']>[0] {
  const { name, limits, jit } = tenant
  return { tenant: name, plugins, limits, jit, brokerConfig: tenantView(config, tenant) }
}

/**
 * What a tenant's plugins may see of the config, with the capability `brokerConfig`. Every field is picked by
 * name: what is added to the config later is not shown by that.
 */
export function tenantView(config: BrokerConfig, tenant: TenantConfig): BrokerConfigView {
  const { name, match, anonymous, topicDefault, quotas, settings } = tenant
  return {
    listeners: listenersOf(config, tenant).map((listener) => viewOfListener(listener, tenant)),
    mqtt: withoutOpen(config.mqtt) as BrokerConfigView['mqtt'],
    tenant: {
      name,
      ...(match === undefined ? {} : { match: { ...match } }),
      anonymous,
      topicDefault,
      quotas: withoutOpen(quotas) as Readonly<Record<string, number>>,
      settings: settings as BrokerConfigView['settings'],
    },
    settings: config.settings as BrokerConfigView['settings'],
  }
}

/** What is bounded: JSON has no Infinity, and nothing that is undefined. */
function withoutOpen(bounds: object): Readonly<Record<string, unknown>> {
  const written = Object.entries(bounds).filter(
    ([, bound]) => bound !== undefined && bound !== Number.POSITIVE_INFINITY,
  )
  return Object.fromEntries(written)
}

/** A listener that only others match is their own; its very name may say who they are. */
function listenersOf({ listeners, tenants }: BrokerConfig, { match }: TenantConfig): ListenerConfig[] {
  const own = match?.listener
  if (own !== undefined) return listeners.filter(({ name }) => name === own)
  const others = tenants.map((tenant) => tenant.match?.listener)
  return listeners.filter(({ name }) => !others.includes(name))
}

function viewOfListener(
  listener: ListenerConfig,
  { match }: TenantConfig,
): BrokerConfigView['listeners'][number] {
  const { name, type, host, port, paths, maxConnections } = listener
  // the further ones are those that tenants match by
  const path = match?.wsPath ?? paths[0]
  return { name, type, host, port, ...(path === undefined ? {} : { path }), maxConnections }
}

/**
 * A free `settings:` map without its secrets: what came from the environment or a file, or sounds like one.
 */
export function withoutSecrets(
  settings: Readonly<Record<string, unknown>>,
  at: Pointer,
  secrets: ReadonlySet<Pointer>,
): Readonly<Record<string, unknown>> {
  const open = (value: unknown, place: Pointer): unknown => {
    if (Array.isArray(value)) {
      const items = [...value.entries()].filter(([index]) => !secrets.has(childPointer(place, index)))
      return items.map(([index, item]) => open(item, childPointer(place, index)))
    }
    return isPlainMap(value) ? withoutSecrets(value, place, secrets) : value
  }
  const shown = Object.entries(settings).filter(
    ([key]) => !isSecretKey(key) && !secrets.has(childPointer(at, key)),
  )
  return Object.fromEntries(shown.map(([key, value]) => [key, open(value, childPointer(at, key))]))
}
