import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ownProgram } from '../../bundle/own-program.ts'
import { HOST_FRAME_BYTES } from '../../limits.ts'

let program: Promise<string> | undefined

/**
 * The cell's program as one script for its stdin: our own code, bundled in memory once a process. A jitless
 * process cannot strip types, and a jailed one cannot read files, so it gets everything as text.
 *
 * @throws Error why it cannot be bundled; the next call tries again
 */
export function cellProgram(): Promise<string> {
  program ??= bundleCell().catch((error: unknown) => {
    program = undefined
    throw error
  })
  return program
}

async function bundleCell(): Promise<string> {
  const [guest, cell] = await Promise.all([
    ownProgram(new URL('../../guest/main.ts', import.meta.url), [
      '--format=iife',
      '--platform=neutral',
      '--global-name=guest',
    ]),
    ownProgram(new URL('../../cell/main.ts', import.meta.url), ['--format=cjs', '--platform=node']),
  ])
  const constants = {
    // an expression of its own: the guest leaves no global behind
    GUEST_PROGRAM: `(() => {\n${guest}return guest.enter })()`,
    ADDON_PATH: addonPath(),
    MAX_FRAME_BYTES: HOST_FRAME_BYTES,
  }
  const lines = Object.entries(constants).map(([name, value]) => `const ${name} = ${JSON.stringify(value)}`)
  return ["'use strict'", ...lines, cell].join('\n')
}

/** Where isolated-vm's prebuilt binary is. It is not loaded here: the broker never has an isolate. */
export function addonPath(): string {
  const folder = dirname(createRequire(import.meta.url).resolve('isolated-vm/package.json'))
  const { platform, arch, versions } = process
  const file = `isolated-vm.abi${versions.modules}${platform === 'linux' ? `.${libc()}` : ''}.node`
  return join(folder, 'prebuilds', `${platform}-${arch}`, file)
}

function libc(): 'glibc' | 'musl' {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
}
