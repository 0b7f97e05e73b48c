import path from 'node:path'
import { Command } from 'commander'
import { writeBundleFile } from '../../../sandbox/bundle/bundle-file.ts'
import { buildPlugin } from '../prepare-plugins.ts'

/** `bulkhead plugin`: what an author does with a plugin. */
export function pluginCommand(name: string): Command {
  const command = new Command(name).description('Build plugins.')
  command
    .command('build')
    .description("Bundle a plugin's folder, its node_modules included, into one file for upload.")
    .argument('<folder>', "the plugin's folder")
    .option('-o, --output <file>', 'where to write it (default: NAME.bundle.json)')
    .action(async (folder: string, { output }: { output?: string }) => build(folder, output))
  return command
}

async function build(folder: string, output: string | undefined): Promise<void> {
  const bundle = await buildPlugin(path.resolve(folder))
  const { name, version, hooks, capabilities } = bundle.manifest
  const file = output ?? `${name}.bundle.json`
  await writeBundleFile(file, bundle)
  const wants = Object.keys(capabilities).join(', ') || 'nothing'
  process.stdout.write(`${file}: ${name} ${version}, ${Math.ceil(bundle.code.length / 1024)} KiB\n`)
  process.stdout.write(`  hooks: ${hooks.join(', ')}\n  capabilities: ${wants}\n  sha256: ${bundle.sha256}\n`)
}
