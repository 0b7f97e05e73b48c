import { stringify } from 'yaml'
import { ASKERS, ownOptions, type PreparedPlugin } from '../../sandbox/index.ts'
import type { BrokerConfig, PluginConfig, TenantConfig } from './broker-config.ts'
import { nameOfFolder } from './bundled-plugins.ts'

/** Stands before the modern form. */
export const DEPRECATED: string =
  "this config has aMQTT's older form, which is deprecated; in place of its `auth`, `topic-check` and " +
  '`pluginNamespace` write'

/** A plugin of aMQTT's older form, and what its build found of it. */
interface LegacyPlugin {
  readonly plugin: PluginConfig
  readonly prepared: PreparedPlugin
}

/**
 * The modern form of a tenant that is configured in aMQTT's older one, ready to be pasted. A plugin that is
 * asked nothing there is left out: with `plugins:` it would be asked, since there is nobody left to withhold
 * its questions; where it is also told of events, a comment says so.
 *
 * @returns undefined where the tenant has no plugin of that form, or one did not build.
 */
export function modernForm(
  { baseDir }: Pick<BrokerConfig, 'baseDir'>,
  tenant: TenantConfig,
  preparedPlugins: readonly PreparedPlugin[],
): string | undefined {
  const plugins = tenant.plugins.flatMap((plugin, place): LegacyPlugin[] => {
    const prepared = preparedPlugins[place]
    return plugin.sharesOptions === true && prepared !== undefined ? [{ plugin, prepared }] : []
  })
  if (plugins.length === 0 || plugins.some(({ prepared }) => prepared.bundle === null)) return undefined
  const kept = plugins.filter(({ plugin, prepared }) => keeps(plugin, prepared))
  const left = plugins.filter(({ plugin, prepared }) => !keeps(plugin, prepared) && isTold(prepared))
  const needsPassword = kept.some(({ prepared }) => prepared.capabilities.password !== undefined)
  const form = {
    ...(tenant.topicDefault === 'deny' ? { topicDefault: 'deny' } : {}),
    ...(needsPassword ? { allow: { password: true } } : {}),
    plugins: Object.fromEntries(kept.map((each) => [each.plugin.name, longForm(each, baseDir)])),
  }
  const comments = left.map(
    ({ plugin }) => `# ${plugin.name}: told of events, not asked; with "plugins:" it would be asked too\n`,
  )
  return `${stringify(form, { lineWidth: 0 })}${comments.join('')}`
}

function longForm({ plugin, prepared }: LegacyPlugin, baseDir: string): object {
  const use = nameOfFolder(plugin.path, baseDir)
  const config = ownOptions(prepared.bundle?.manifest.config, { ...plugin.options, ...plugin.optionFiles })
  return { use: withExport(use, plugin.exportName), ...(Object.keys(config).length > 0 ? { config } : {}) }
}

/** The export of a folder is named by dots: `./plugins/gate`, `Gate` is `plugins.gate.Gate`. */
function withExport(use: string, exportName: string | undefined): string {
  if (exportName === undefined || !use.startsWith('./')) return use
  return `${use.slice(2).replaceAll('/', '.')}.${exportName}`
}

/** It is asked all that it declares. */
function keeps({ unasked = [] }: PluginConfig, { bundle }: PreparedPlugin): boolean {
  return !(bundle?.manifest.hooks ?? []).some((hook) => (unasked as readonly string[]).includes(hook))
}

function isTold({ bundle }: PreparedPlugin): boolean {
  return (bundle?.manifest.hooks ?? []).some((hook) => !(ASKERS as readonly string[]).includes(hook))
}
