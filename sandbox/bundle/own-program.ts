import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, stop } from 'esbuild'

let building = 0

/**
 * Bundles a program of our own, from our own files, into one script in memory. What runs in a jailed process
 * cannot read files, and a jitless one cannot strip types, so both get everything as text.
 *
 * @param entry the file to start from, as a URL
 */
export async function ownProgram(entry: URL, options: BuildOptions): Promise<string> {
  building += 1
  try {
    const result = await build({
      ...options,
      entryPoints: [fileURLToPath(entry)],
      bundle: true,
      write: false,
      target: 'esnext',
      tsconfigRaw: '{}',
      legalComments: 'none',
      logLevel: 'silent',
    })
    return result.outputFiles?.[0]?.text ?? ''
  } finally {
    building -= 1
    // esbuild keeps a process at hand for the next build; there is none, and the broker wants no such
    // neighbour
    if (building === 0) await stop()
  }
}
