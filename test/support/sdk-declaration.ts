import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const SDK = 'sandbox/sdk'

/**
 * What plugin authors compile against, as it is checked in. Run this file to write it anew, and read what
 * changed before you commit it: what is missing there, or became stricter, breaks plugins that exist.
 */
export const SDK_DECLARATION: string = join(import.meta.dirname, '..', 'golden', 'sdk.txt')

/** The declarations of the SDK's files as the compiler writes them, without comments: the door first. */
export function sdkDeclaration(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-sdk-'))
  try {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const flags = ['-p', SDK, '--outDir', folder, '--removeComments']
    execFileSync(process.execPath, [tsc, ...flags], { cwd: ROOT })
    const files = readdirSync(join(folder, SDK)).filter((name) => name.endsWith('.d.ts'))
    const [door, rooms] = [files.filter(isDoor), files.filter((name) => !isDoor(name)).toSorted()]
    const texts = [...door, ...rooms].map(
      (name) => `// ${name}\n${readFileSync(join(folder, SDK, name), 'utf8')}`,
    )
    return texts.join('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function isDoor(name: string): boolean {
  return name === 'index.d.ts'
}

if (import.meta.main) writeFileSync(SDK_DECLARATION, sdkDeclaration())
