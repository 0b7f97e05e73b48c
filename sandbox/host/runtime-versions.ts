import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { addonPath } from './cells/cell-program.ts'

/** What a cell is made of. */
export interface RuntimeVersions {
  readonly node: string
  readonly v8: string
  readonly isolatedVm: string
  /** Whether isolated-vm has a binary for this Node, system and processor. */
  readonly fits: boolean
}

export function runtimeVersions(): RuntimeVersions {
  const { version } = createRequire(import.meta.url)('isolated-vm/package.json') as { version: string }
  const { node, v8 } = process.versions
  return { node, v8, isolatedVm: version, fits: existsSync(addonPath()) }
}
