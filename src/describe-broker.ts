import type { PluginHandle } from '../sandbox/index.ts'
import type { BrokerCore } from './broker.ts'

/**
 * The start lines: what is listening, which plugins are loaded, who decides what, which layers of the jail
 * stand.
 */
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
    if (broken !== undefined) {
      return `  plugin     ${plugin.name}: NOT LOADED, tenant ${name} is closed: ${broken.text}`
    }
    return `  plugin     ${plugin.name} ${plugin.version}: ${whatItDoes(plugin)}`
  })
  return [`  tenant     ${name}: ${undecided(core, name)}`, ...plugins]
}

function whatItDoes({ hooks, capabilities }: PluginHandle): string {
  const decided = [...hooks].filter((hook) => !hook.startsWith('on'))
  const heard = hooks.size - decided.length
  const powers = Object.keys(capabilities)
  return [
    decided.length > 0 ? `decides ${decided.join(', ')}` : '',
    heard > 0 ? `hears ${heard} event${heard === 1 ? '' : 's'}` : '',
    powers.length > 0 ? `may use ${powers.join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ')
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
  const open = (['publish', 'subscribe', 'receive'] as const).filter(
    (occasion) => hooks[occasion].length === 0,
  )
  if (open.length === 0) return `${connect}; plugins decide publish, subscribe and receive`
  const answer = topicDefault === 'allow' ? 'allowed' : 'denied'
  return `${connect}; no plugin decides ${open.join(', ')}: ${answer}`
}

function jailLines(core: BrokerCore): string[] {
  const stands = core.jail.filter((layer) => layer.stands).map((layer) => layer.name)
  const missing = core.jail.filter((layer) => !layer.stands).map(({ name, detail }) => `${name} (${detail})`)
  const lines = [`  jail       ${stands.join(', ')}`]
  if (missing.length > 0) lines.push(`  jail, not here: ${missing.join(', ')}`)
  return lines
}
