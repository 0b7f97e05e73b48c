import path from 'node:path'
import { Command } from 'commander'
import { build } from '../plugin/build.ts'
import { init } from '../plugin/init.ts'
import { runTests } from '../plugin/run-tests.ts'

/** `bulkhead plugin`: what an author does with a plugin. */
export function pluginCommand(name: string): Command {
  const command = new Command(name).description('Write, test and build plugins.')
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
  return command
}
