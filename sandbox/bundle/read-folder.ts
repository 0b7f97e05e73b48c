import { constants } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { BulkheadError, messageOf } from '../../src/base/errors.ts'
import { FOLDER_DEPTH, FOLDER_ENTRIES, FOLDER_MIB } from '../limits.ts'

/** A plugin's folder in memory: the build sees these files and nothing else of the machine. */
export interface PluginFolder {
  /** The real path of the folder: where it is, after every link on the way to it. */
  readonly root: string
  /** The folder's own name. */
  readonly name: string
  /** By path relative to the root, with `/` between the parts. */
  readonly files: Map<string, string>
}

/** What one walk may still read. */
export interface ReadBudget {
  entries: number
  bytes: number
  readonly describes: string
}

const SOURCE = /\.(?:[cm]?js|m?ts|json)$/
/** Tests and declarations are no part of what runs. */
const LEFT_OUT = /\.test\.[cm]?[jt]s$|\.d\.m?ts$/

/**
 * Reads a plugin's folder: regular files alone, within bounds. A symlink is refused wherever it points: what
 * it names today need not be what it names at the next build.
 *
 * @throws BulkheadError ERR_PLUGIN_NOT_FOUND, ERR_PLUGIN_BUILD
 */
export async function readFolder(folder: string): Promise<PluginFolder> {
  const root = await realpath(folder).catch((cause: unknown) => {
    throw new BulkheadError('ERR_PLUGIN_NOT_FOUND', `no plugin folder at ${folder}: ${messageOf(cause)}`, {
      cause,
    })
  })
  if (!(await stat(root)).isDirectory()) {
    throw new BulkheadError('ERR_PLUGIN_NOT_FOUND', `${folder} is a file; a plugin is named by its folder`)
  }
  const files = new Map<string, string>()
  await readInto(files, root, '', sourceBudget())
  return { root, name: basename(root), files }
}

function sourceBudget(): ReadBudget {
  return { entries: FOLDER_ENTRIES, bytes: FOLDER_MIB * 2 ** 20, describes: 'a plugin folder' }
}

/** Reads the sources under `root/prefix` into `files`; node_modules and dot files are not looked at. */
export async function readInto(
  files: Map<string, string>,
  root: string,
  prefix: string,
  budget: ReadBudget,
  depth = 0,
): Promise<void> {
  if (depth > FOLDER_DEPTH) throw refused(prefix, `folders within folders, more than ${FOLDER_DEPTH} deep`)
  for (const entry of await readdir(join(root, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    budget.entries -= 1
    if (budget.entries < 0) throw refused(path, `too many entries for ${budget.describes}`)
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    if (entry.isSymbolicLink()) throw refused(path, 'is a symlink; a plugin is made of regular files')
    if (entry.isDirectory()) await readInto(files, root, path, budget, depth + 1)
    else if (isWanted(path)) files.set(path, await readRegular(root, path, budget))
  }
}

/** Whether a file of a plugin's folder is a part of what is built. */
export function isWanted(path: string): boolean {
  return path === 'plugin.yaml' || (SOURCE.test(path) && !LEFT_OUT.test(path))
}

async function readRegular(root: string, path: string, budget: ReadBudget): Promise<string> {
  // the file may be swapped after the listing: no link is followed, and a pipe does not make the open wait
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(join(root, path), flags).catch((cause: unknown) => {
    throw refused(path, `cannot be read: ${messageOf(cause)}`)
  })
  try {
    const { size } = await statRegular(file, path)
    if (size > budget.bytes) throw refused(path, `too many bytes for ${budget.describes}`)
    const bytes = Buffer.alloc(size)
    const { bytesRead } = await file.read(bytes, 0, size, 0)
    budget.bytes -= bytesRead
    return bytes.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

async function statRegular(file: Awaited<ReturnType<typeof open>>, path: string): Promise<{ size: number }> {
  const stats = await file.stat()
  if (!stats.isFile()) throw refused(path, 'is no regular file')
  return stats
}

function refused(path: string, why: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_BUILD', `${path}: ${why}`)
}
