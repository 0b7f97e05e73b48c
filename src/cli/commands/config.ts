import { Command } from 'commander'
import { CONFIG_SCHEMA } from '../../config/config-schema.ts'
import { loadConfig } from '../../config/load-config.ts'
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
  process.stdout.write(showConfig(loaded))
}
