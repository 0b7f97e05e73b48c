import path from 'node:path'
import { Command } from 'commander'
import { withAdminOptions } from '../admin/ask-admin.ts'
import { SHADOW } from '../../base/limits.ts'
import { tail } from '../plugin/tail.ts'
import { numberWithin } from '../flag-values.ts'
import { build } from '../plugin/build.ts'
import { type DeployOptions, deploy } from '../plugin/deploy.ts'
import { config, list, promote, remove, rollback, versions } from '../plugin/deployed.ts'
import { init } from '../plugin/init.ts'
import { signBundle } from '../plugin/sign.ts'
import { runTests } from '../plugin/run-tests.ts'

/** `bulkhead plugin`: what an author does with a plugin. */
export function pluginCommand(name: string): Command {
  const command = new Command(name).description('Write, test, build and deploy plugins.')
  command
    .command('init')
    .description('Write a new plugin with a test into a new folder, ready for an editor.')
    .argument('<folder>', 'the folder; its name is the name of the plugin')
    .action(async (folder: string) => init(path.resolve(folder)))
  command
    .command('test')
    .description("Run the plugin's tests, each plugin in a cell as the broker has them.")
    .argument('[folder]', "the plugin's folder", '.')
    .action(async (folder: string) => runTests(path.resolve(folder)))
  command
    .command('build')
    .description("Bundle a plugin's folder, its node_modules included, into one file for upload.")
    .argument('[folder]', "the plugin's folder", '.')
    .option('-o, --output <file>', 'where to write it (default: NAME.bundle.json)')
    .action(async (folder: string, { output }: { output?: string }) => build(path.resolve(folder), output))
  command
    .command('sign')
    .description('Sign a built plugin with a key of minisign; the signature lies beside it.')
    .argument('<file>', 'the .bundle.json')
    .requiredOption('-s, --key <file>', 'the secret key')
    .option('-t, --comment <text>', 'a line that the signature covers, too')
    .action(async (file: string, { key, comment }: { key: string; comment?: string }) =>
      signBundle(file, key, comment),
    )
  addDeployment(command)
  return command
}

/** What is done with plugins of a tenant of a running broker. */
function addDeployment(command: Command): void {
  const add = (word: string, what: string): Command =>
    withAdminOptions(command.command(word).description(what))
  add('deploy', 'Build a plugin, upload it, and let it serve.')
    .argument('[folder]', "the plugin's folder, or a .bundle.json, whose .minisig is sent with it", '.')
    .option('--config <file>', 'its options, a YAML or JSON file; default: those that it has')
    .option(
      '--shadow <seconds>',
      'try it beside what serves for so long, show where they differ, and ask',
      numberWithin(1, SHADOW.mostSec),
    )
    .option('--yes', 'consent to the powers that it asks for, and let it serve')
    .action(async (folder: string, options: DeployOptions) => deploy(path.resolve(folder), options))
  add('list', 'The plugins of a tenant, and which versions serve.').action(list)
  add('versions', 'What was uploaded of a plugin.').argument('<name>').action(versions)
  add('tail', 'Print what happens to plugins and clients of a tenant, as it happens.')
    .argument('[name]', 'of this plugin alone, and refusals')
    .action(tail)
  add('promote', 'Let the version serve that is tried.').argument('<name>').action(promote)
  add('rollback', 'Let the version serve again that served before.').argument('<name>').action(rollback)
  add('config', 'Show the options of a plugin; with a file, change them.')
    .argument('<name>')
    .argument('[file]', 'a YAML or JSON file')
    .option('--yes', 'do not ask')
    .action(config)
  add('delete', 'Take a plugin out of service, and delete its versions.')
    .argument('<name>')
    .option('--yes', 'do not ask')
    .action(remove)
}
