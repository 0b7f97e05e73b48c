/** One plugin of a tenant, as the start lines show it. */
export interface PluginState {
  readonly name: string
  readonly version: string
  readonly hooks: ReadonlySet<string>
  readonly powers: readonly string[]
  /** Why it could not be built or probed; then its tenant is closed. */
  readonly unusable: string | undefined
}

export interface TenantState {
  readonly name: string
  readonly anonymous: boolean
  readonly topicDefault: 'allow' | 'deny'
  /** Whether some plugin decides who connects. */
  readonly authenticates: boolean
  /** Of publish, subscribe and receive, those that no plugin decides. */
  readonly undecided: readonly string[]
  readonly plugins: readonly PluginState[]
}

export interface BrokerState {
  readonly listeners: readonly { readonly name: string; readonly url: string }[]
  readonly tenants: readonly TenantState[]
  /** Undefined: nothing outlives the process. */
  readonly data: string | undefined
  readonly durability: 'fsync' | 'os' | 'memory'
  /** Where metrics are served; undefined: nowhere of their own. */
  readonly metrics: string | undefined
  /** Where the admin API is served; undefined: nowhere but on the control socket. */
  readonly admin: string | undefined
  /** The operator's first token: it is shown here and never again. */
  readonly firstToken: string | undefined
  readonly jail: readonly { readonly name: string; readonly stands: boolean; readonly detail: string }[]
  readonly warnings: readonly string[]
}

/** The start lines: what is listening, which plugins are loaded, who decides what, which layers stand. */
export function startLines(state: BrokerState): readonly string[] {
  return [
    'Bulkhead is running.',
    ...state.listeners.map(({ name, url }) => `  listening  ${url}  (${name})`),
    ...state.tenants.flatMap(tenantLines),
    `  data       ${dataText(state)}`,
    ...(state.metrics === undefined ? [] : [`  metrics    ${state.metrics}`]),
    ...adminLines(state),
    ...jailLines(state.jail),
    ...state.warnings.map((warning) => `  warning    ${warning}`),
  ]
}

function adminLines({ admin, firstToken }: BrokerState): string[] {
  if (admin === undefined) return []
  const token = `  token      ${firstToken}  (the operator’s first; it is not shown again)`
  return [`  admin      ${admin}`, ...(firstToken === undefined ? [] : [token])]
}

function dataText({ data, durability }: BrokerState): string {
  if (data === undefined || durability === 'memory') return 'in memory: nothing outlives this process'
  return durability === 'fsync'
    ? `${data}: acknowledged is what the disk has`
    : `${data}: acknowledged is what the operating system has`
}

/** Who decides what in a tenant, and its plugins. */
export function tenantLines(tenant: TenantState): string[] {
  const plugins = tenant.plugins.map(
    (plugin) => `  plugin     ${plugin.name}${pluginText(tenant.name, plugin)}`,
  )
  return [`  tenant     ${tenant.name}: ${whoDecides(tenant)}`, ...plugins]
}

function pluginText(tenant: string, { version, hooks, powers, unusable }: PluginState): string {
  if (unusable !== undefined) return `: NOT LOADED, tenant ${tenant} is closed: ${unusable}`
  const decided = [...hooks].filter((hook) => !hook.startsWith('on'))
  const heard = hooks.size - decided.length
  const parts = [
    decided.length > 0 ? `decides ${decided.join(', ')}` : '',
    heard > 0 ? `hears ${heard} event${heard === 1 ? '' : 's'}` : '',
    powers.length > 0 ? `may use ${powers.join(', ')}` : '',
  ]
  return ` ${version}: ${parts.filter((part) => part !== '').join('; ')}`
}

/** In words, which actions nobody decides: the operator should not have to guess what is open. */
function whoDecides({ anonymous, topicDefault, authenticates, undecided }: TenantState): string {
  const connect = authenticates
    ? 'plugins decide who connects'
    : anonymous
      ? 'anybody may connect'
      : 'nobody may connect (no plugin declares authenticate, anonymous is false)'
  if (undecided.length === 0) return `${connect}; plugins decide publish, subscribe and receive`
  const answer = topicDefault === 'allow' ? 'allowed' : 'denied'
  // who authenticates may give a client grants, which decide in place of a hook
  const exception = authenticates ? ', where no grants say otherwise' : ''
  return `${connect}; no plugin decides ${undecided.join(', ')}: ${answer}${exception}`
}

function jailLines(layers: BrokerState['jail']): string[] {
  const stands = layers.filter((layer) => layer.stands).map((layer) => layer.name)
  const missing = layers.filter((layer) => !layer.stands).map(({ name, detail }) => `${name} (${detail})`)
  const lines = [`  jail       ${stands.join(', ')}`]
  if (missing.length > 0) lines.push(`  jail, not here: ${missing.join(', ')}`)
  return lines
}
