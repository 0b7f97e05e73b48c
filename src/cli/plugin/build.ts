import { writeBundleFile } from '../../../sandbox/bundle/bundle-file.ts'
import { buildPlugin } from '../prepare-plugins.ts'

/** Builds a plugin's folder into the file that is uploaded, and says what is in it. */
export async function build(folder: string, output: string | undefined): Promise<void> {
  const bundle = await buildPlugin(folder)
  const { name, version, hooks, capabilities } = bundle.manifest
  const file = output ?? `${name}.bundle.json`
  await writeBundleFile(file, bundle)
  const wants = Object.keys(capabilities).join(', ') || 'nothing'
  process.stdout.write(`${file}: ${name} ${version}, ${Math.ceil(bundle.code.length / 1024)} KiB\n`)
  process.stdout.write(`  hooks: ${hooks.join(', ')}\n  capabilities: ${wants}\n  sha256: ${bundle.sha256}\n`)
}
