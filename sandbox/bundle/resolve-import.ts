import { packagePlaces } from './package-places.ts'
import { parseObject } from './parse-object.ts'

/** Where an import leads: a file of the map, or why nowhere. */
export type Resolution = { readonly path: string } | { readonly refused: string }

export interface ResolveOptions {
  /** Whether packages of the folder's own node_modules resolve. */
  readonly packages: boolean
  /** How it is imported, which decides among the conditions of a package's `exports`. */
  readonly kind: 'import' | 'require'
}

/** Tried in this order where a specifier names no file as it stands. */
const ENDINGS = ['.ts', '.js', '.mjs', '.cjs', '.mts', '.json', '/index.ts', '/index.js'] as const

/**
 * Resolves an import among the files of the map; it never looks anywhere else. Pure, so that every trick of a
 * hostile folder can be tried on it.
 *
 * @param importer the importing file's path in the map.
 */
export function resolveImport(
  files: ReadonlyMap<string, string>,
  importer: string,
  specifier: string,
  options: ResolveOptions,
): Resolution {
  if (specifier.startsWith('./') || specifier.startsWith('../') || specifier === '.' || specifier === '..') {
    return resolveRelative(files, folderOf(importer), specifier)
  }
  if (specifier.startsWith('/') || /^[A-Za-z]:[\\/]/.test(specifier) || specifier.includes('\\')) {
    return { refused: `${quoted(specifier)} is an absolute path; a plugin imports from its own folder` }
  }
  if (specifier.includes(':')) {
    return {
      refused: `${quoted(specifier)} does not exist in a plugin: there is no Node here, only what ctx gives`,
    }
  }
  if (options.packages) return resolvePackage(files, importer, specifier, options.kind)
  return {
    refused:
      `${quoted(specifier)} is a package, and a plugin's folder is all that is bundled here. ` +
      'On your own machine `bulkhead plugin build` also takes packages from the folder’s node_modules',
  }
}

function resolveRelative(files: ReadonlyMap<string, string>, folder: string, specifier: string): Resolution {
  const path = joined(folder, specifier)
  if (path === undefined) return { refused: `${quoted(specifier)} leads out of the plugin's folder` }
  const found = findFile(files, path)
  return found === undefined
    ? { refused: `there is no file ${quoted(path)} in the plugin's folder` }
    : { path: found }
}

function findFile(files: ReadonlyMap<string, string>, path: string): string | undefined {
  if (files.has(path)) return path
  const ending = ENDINGS.find((candidate) => files.has(path + candidate))
  if (ending !== undefined) return path + ending
  // TypeScript's custom: `./gate.js` is written where `gate.ts` is meant
  const source = path.replace(/\.([mc]?)js$/, '.$1ts')
  return files.has(source) ? source : undefined
}

function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '' : path.slice(0, slash)
}

/** Joins without ever leaving the root; `undefined` if it would. */
function joined(folder: string, specifier: string): string | undefined {
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of specifier.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}

function resolvePackage(
  files: ReadonlyMap<string, string>,
  importer: string,
  specifier: string,
  kind: ResolveOptions['kind'],
): Resolution {
  const parts = specifier.split('/')
  const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  const subpath = `.${specifier.slice(name.length)}`
  for (const place of packagePlaces(folderOf(importer), name)) {
    const manifest = parseObject(files.get(`${place}/package.json`))
    if (manifest === undefined) continue
    const entry = entryOf(manifest, subpath, kind)
    if (entry === undefined) return { refused: `package ${quoted(name)} does not export ${quoted(subpath)}` }
    return resolveRelative(files, place, entry)
  }
  return { refused: `package ${quoted(name)} is not among the dependencies in the folder's node_modules` }
}

/** The file that a package gives for a subpath; `.` is the package itself. */
function entryOf(
  manifest: Readonly<Record<string, unknown>>,
  subpath: string,
  kind: ResolveOptions['kind'],
): string | undefined {
  const exported = manifest['exports']
  if (exported !== undefined && exported !== null) return exportedEntry(exported, subpath, kind)
  if (subpath !== '.') return subpath
  const entry = kind === 'import' ? (manifest['module'] ?? manifest['main']) : manifest['main']
  return typeof entry === 'string' ? entry : './index.js'
}

function exportedEntry(exported: unknown, subpath: string, kind: ResolveOptions['kind']): string | undefined {
  if (typeof exported !== 'object' || exported === null || Array.isArray(exported)) {
    return subpath === '.' ? conditional(exported, kind) : undefined
  }
  const bySubpath = Object.keys(exported).some((key) => key.startsWith('.'))
  if (!bySubpath) return subpath === '.' ? conditional(exported, kind) : undefined
  const exact = Object.entries(exported).find(([key]) => key === subpath)
  if (exact !== undefined) return conditional(exact[1], kind)
  for (const [key, target] of Object.entries(exported)) {
    const [before, after] = key.split('*')
    if (before === undefined || after === undefined) continue
    if (!subpath.startsWith(before) || !subpath.endsWith(after) || subpath.length < key.length) continue
    const star = subpath.slice(before.length, subpath.length - after.length)
    return conditional(target, kind)?.replaceAll('*', () => star)
  }
  return undefined
}

/** The first condition that holds in a plugin, in the package's own order, as Node takes it. */
function conditional(target: unknown, kind: ResolveOptions['kind']): string | undefined {
  if (typeof target === 'string') return target
  if (Array.isArray(target))
    return target.map((each) => conditional(each, kind)).find((entry) => entry !== undefined)
  if (typeof target !== 'object' || target === null) return undefined
  for (const [condition, nested] of Object.entries(target)) {
    if (condition !== kind && condition !== 'default' && condition !== 'module') continue
    const entry = conditional(nested, kind)
    if (entry !== undefined) return entry
  }
  return undefined
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
}
