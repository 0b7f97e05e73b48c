import { BulkheadError } from '../../src/base/errors.ts'
import { FOLDER_DEPTH, FOLDER_ENTRIES, FOLDER_MIB, UPLOADED_PATH_CHARS } from '../limits.ts'
import { isWanted, type PluginFolder } from './read-folder.ts'

/**
 * Makes a plugin's folder of files that somebody has sent. What a folder's reader leaves out is left out here
 * too; a path that is anything but plain names below the root is refused, whatever it would lead to.
 *
 * @param files text by path; a map, since a file may be called `__proto__`.
 * @throws BulkheadError ERR_PLUGIN_UPLOAD, naming the path.
 */
export function uploadedFolder(name: string, files: ReadonlyMap<string, string>): PluginFolder {
  if (files.size > FOLDER_ENTRIES) throw refused(name, `it has more than ${FOLDER_ENTRIES} files`)
  let bytes = 0
  const kept = new Map<string, string>()
  const spellings = new Map<string, string>()
  for (const [path, text] of files) {
    const mistake = mistakeIn(path)
    if (mistake !== undefined) throw refused(name, `the path ${shown(path)} ${mistake}`)
    const spelling = path.normalize('NFC').toLowerCase()
    const other = spellings.get(spelling)
    if (other !== undefined)
      throw refused(name, `${shown(other)} and ${shown(path)} differ in spelling alone`)
    spellings.set(spelling, path)
    bytes += Buffer.byteLength(text)
    if (bytes > FOLDER_MIB * 2 ** 20) throw refused(name, `its files have more than ${FOLDER_MIB} MiB`)
    if (isWanted(path) && !isHidden(path)) kept.set(path, text)
  }
  return { root: 'the upload', name, files: kept }
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === 'node_modules')
}

/** @returns why a path is none, with what to do. */
function mistakeIn(path: string): string | undefined {
  if (path.length > UPLOADED_PATH_CHARS) return `has more than ${UPLOADED_PATH_CHARS} characters; shorten it`
  if (!path.isWellFormed() || UNPRINTABLE.test(path))
    return 'has characters that no name has; rename the file'
  if (path.includes('\\')) return 'has a backslash; write / between folders'
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path))
    return 'is absolute; name files from the plugin’s folder'
  const parts = path.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return 'has an empty part, . or ..; name files from the plugin’s folder'
  return parts.length > FOLDER_DEPTH ? `is more than ${FOLDER_DEPTH} folders deep` : undefined
}

/** Control characters, and those that reorder or hide what is around them. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

function shown(path: string): string {
  return JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}…` : path)
}

function refused(name: string, why: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_UPLOAD', `plugin ${name} cannot be taken: ${why}`)
}
