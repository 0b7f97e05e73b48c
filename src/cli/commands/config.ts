import { Command } from 'commander'
import { foldOption } from '../../../sandbox/index.ts'
import { BulkheadError } from '../../base/errors.ts'
import { CONFIG_SCHEMA } from '../../config/config-schema.ts'
import { type LoadedConfig, loadConfig } from '../../config/load-config.ts'
import { type Pointer, pointerKeys } from '../../config/pointer.ts'
import { showConfig } from '../../config/show-config.ts'

/** `bulkhead config`: what a config may say, and what one says. */
export function configCommand(name: string): Command {
  const command = new Command(name).description("Print the config's schema, or the effective config.")
  command
    .command('schema')
    .description('Print the JSON Schema of the config, for editors.')
    .action(() => {
      process.stdout.write(`${JSON.stringify(CONFIG_SCHEMA, null, 2)}\n`)
    })
  command
    .command('show')
    .description('Print the effective config, and where each value comes from. Secrets are masked.')
    .option('-c, --config <file>', 'the config, a YAML file; without it, the built-in demo')
    .action(async ({ config }: { config?: string }) => show(config))
  return command
}

async function show(file: string | undefined): Promise<void> {
  const loaded = await loadConfig(file)
  for (const warning of loaded.warnings) process.stderr.write(`warning: ${warning}\n`)
  const secrets = await pluginSecrets(loaded)
  process.stdout.write(showConfig(loaded, (at) => secrets.some((secret) => isAt(at, secret))))
}

/** A place in the config, in which `*` stands for any key. */
type Pattern = readonly string[]

/** What the plugins' own schemas call secret; all options of a plugin whose schema cannot be known. */
async function pluginSecrets({ config, optionPlaces }: LoadedConfig): Promise<Pattern[]> {
  if (optionPlaces.size === 0) return []
  const { preparePlugins } = await import('../prepare-plugins.ts')
  const { secretPaths } = await import('../../../sandbox/index.ts')
  const results = await preparePlugins(config)
  return results.flatMap(({ plugin, prepared }) => {
    const places = (optionPlaces.get(plugin) ?? []).map(pointerKeys)
    if (prepared instanceof BulkheadError || prepared.bundle === null) return places
    const secrets = secretPaths(prepared.bundle.manifest.config)
    return places.flatMap((options) => secrets.map((path) => [...options, ...path]))
  })
}

function isAt(pointer: Pointer, pattern: Pattern): boolean {
  // where plugins share their options, `-` and `_` are alike
  const keys = pointerKeys(pointer).map(foldOption)
  return (
    keys.length === pattern.length &&
    pattern.every((part, index) => part === '*' || foldOption(part) === keys[index])
  )
}
