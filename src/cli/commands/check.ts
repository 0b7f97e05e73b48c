import { Command } from 'commander'
import { BulkheadError } from '../../base/errors.ts'
import { loadConfig } from '../../config/load-config.ts'
import { DEPRECATED, modernForm } from '../../config/modern-form.ts'
import { EXIT } from '../exit-codes.ts'
import type { PluginResult } from '../prepare-plugins.ts'
import { printError } from '../print.ts'
import { NAMESPACE_OPTION } from '../start-flags.ts'

/** `bulkhead check`: says whether a broker would start with a config, and its plugins load. */
export function checkCommand(name: string): Command {
  return new Command(name)
    .description('Check a config and build its plugins, without starting anything.')
    .requiredOption('-c, --config <file>', 'the config, a YAML file')
    .option(...NAMESPACE_OPTION)
    .action(async ({ config, pluginNamespace }: { config: string; pluginNamespace?: string }) =>
      check(config, pluginNamespace),
    )
}

async function check(file: string, pluginNamespace: string | undefined): Promise<void> {
  const { config, warnings } = await loadConfig(file, process.env, pluginNamespace)
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`)
  // a config with mistakes is refused without loading the sandbox
  const { builtPlugins, preparePlugins } = await import('../prepare-plugins.ts')
  const results = await preparePlugins(config)
  for (const result of results) say(result)
  for (const tenant of config.tenants) {
    const built = builtPlugins(results.filter((result) => result.tenant === tenant))
    const form = built === undefined ? undefined : modernForm(config, tenant, built)
    if (form !== undefined) process.stderr.write(`${DEPRECATED}:\n\n${form}\n`)
  }
  if (results.some(({ prepared }) => prepared instanceof BulkheadError)) process.exitCode = EXIT.error
  else process.stdout.write(`${file}: OK\n`)
}

function say({ tenant, plugin, prepared }: PluginResult): void {
  const where = `${tenant.name}/${plugin.name}`
  if (prepared instanceof BulkheadError) {
    printError(new BulkheadError(prepared.code, `${where}: ${prepared.message}`))
    return
  }
  const manifest = prepared.bundle?.manifest
  const granted = Object.keys(prepared.capabilities).join(', ')
  process.stdout.write(`${where}: ${manifest?.name} ${manifest?.version}, granted: ${granted || 'nothing'}\n`)
}
