import type { BrokerCore } from './broker.ts'

/** The start lines: what is listening, which plugins are loaded, who decides what, which layers of the jail stand. */
export function describeBroker(core: BrokerCore, warnings: readonly string[]): readonly string[] {
  return [
    'Bulkhead is running.',
    ...core.listeners.map(({ name, url }) => `  listening  ${url}  (${name})`),
    ...[...core.tenants.keys()].flatMap((name) => tenantLines(core, name)),
    ...jailLines(core),
    ...warnings.map((warning) => `  warning    ${warning}`),
  ]
}

function tenantLines(core: BrokerCore, name: string): string[] {
  const tenant = core.tenants.get(name)
  if (tenant === undefined) return []
  const { hooks } = tenant
  const plugins = hooks.plugins.map((plugin) => {
    const broken = core.unusable.find((each) => each.tenant === name && each.plugin === plugin.name)
    if (broken !== undefined) return `  plugin     ${plugin.name}: NOT LOADED, tenant ${name} is closed: ${broken.text}`
    const powers = Object.keys(plugin.capabilities).join(', ')
    return `  plugin     ${plugin.name} ${plugin.version} (${[...plugin.hooks].join(', ')})${powers && `, may use ${powers}`}`
  })
  return [`  tenant     ${name}: ${undecided(core, name)}`, ...plugins]
}

/** In words, which actions nobody decides: the operator should not have to guess what is open. */
function undecided(core: BrokerCore, name: string): string {
  const tenant = core.tenants.get(name)
  if (tenant === undefined) return ''
  const { hooks, anonymous, topicDefault } = tenant
  const connect =
    hooks.authenticate.length > 0
      ? 'plugins decide who connects'
      : anonymous
        ? 'anybody may connect'
        : 'nobody may connect (no plugin declares authenticate, anonymous is false)'
  const open = (['publish', 'subscribe', 'receive'] as const).filter((occasion) => hooks[occasion].length === 0)
  if (open.length === 0) return `${connect}; plugins decide publish, subscribe and receive`
  return `${connect}; no plugin decides ${open.join(', ')}: ${topicDefault === 'allow' ? 'allowed' : 'denied'}`
}

function jailLines(core: BrokerCore): string[] {
  const stands = core.jail.filter((layer) => layer.stands).map((layer) => layer.name)
  const missing = core.jail.filter((layer) => !layer.stands).map(({ name, detail }) => `${name} (${detail})`)
  const lines = [`  jail       ${stands.join(', ')}`]
  if (missing.length > 0) lines.push(`  jail, not here: ${missing.join(', ')}`)
  return lines
}
