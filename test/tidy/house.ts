import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { CONFIG_REFERENCE } from '../support/config-reference.ts'

/** The folder that holds package.json. */
export const ROOT: string = join(import.meta.dirname, '..', '..')

/** A file as the rules see it: its path from the root, with `/` between the folders. */
export interface HouseFile {
  readonly path: string
  readonly text: string
}

/** All that the rules judge: every source file, and the few files beside them. */
export interface House {
  readonly files: readonly HouseFile[]
  /** What is visible at the top level. */
  readonly top: readonly string[]
  /** Texts by name; empty when the file is not there. */
  readonly readme: string
  readonly security: string
  readonly configReference: string
  readonly lock: string
}

const FOLDERS = ['src', 'sandbox', 'plugins-examples', 'test']

export function readHouse(root: string = ROOT): House {
  return {
    files: FOLDERS.flatMap((folder) => readFolder(root, folder)),
    top: readdirSync(root).filter((name) => !name.startsWith('.') && name !== 'node_modules'),
    readme: readOptional(join(root, 'README.md')),
    security: readOptional(join(root, 'SECURITY.md')),
    configReference: readOptional(CONFIG_REFERENCE),
    lock: readOptional(join(root, 'package-lock.json')),
  }
}

function readFolder(root: string, folder: string): HouseFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      path: relative(root, path).split(sep).join('/'),
      text: readFileSync(path, 'utf8'),
    }))
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw thrown
  }
}
