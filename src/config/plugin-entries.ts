import { existsSync } from 'node:fs'
import path from 'node:path'
import type { AskerName } from '../../sandbox/index.ts'
import type { PluginConfig } from './broker-config.ts'
import { bundledPlugin } from './bundled-plugins.ts'
import { isPlainMap } from './config-tree.ts'
import type { WrittenGrants } from './grants.ts'
import { childPointer, type Pointer } from './pointer.ts'

/** One plugin as a config has it, in whichever form. */
export interface PluginEntry {
  /** Where it stands in the config. */
  readonly pointer: Pointer
  /** Where its options stand; aMQTT's older form has them in two sections. */
  readonly optionsPointers: readonly Pointer[]
  readonly name: string
  /** The path or dotted name. */
  readonly use: string
  /** Where it is known to lie; otherwise `use` says it. */
  readonly location?: PluginLocation
  readonly options: Readonly<Record<string, unknown>>
  /** Of aMQTT's older form, in which plugins share their options, and lists choose who is asked. */
  readonly legacy?: { readonly unasked: readonly AskerName[] }
  readonly capabilities: WrittenGrants
  readonly onFault: PluginConfig['onFault']
  readonly waitMs: PluginConfig['waitMs']
  readonly secrets: PluginConfig['secrets']
}

/** Where a plugin lies. */
export interface PluginLocation {
  readonly path: string
  readonly exportName?: string
}

type Written = readonly [key: string, value: unknown, pointer: Pointer]

/** The entries of `plugins`: a map of names to options or to long forms, or a list of names and such maps. */
export function pluginEntries(plugins: unknown, at: Pointer): PluginEntry[] {
  const written = Array.isArray(plugins)
    ? plugins.flatMap((item, index) => listed(item, childPointer(at, index)))
    : mapped(plugins, at)
  const names = new Map<string, number>()
  for (const [key, value] of written) names.set(nameOf(key, value), (names.get(nameOf(key, value)) ?? 0) + 1)
  return written.map(([key, value, pointer]) => {
    const name = nameOf(key, value)
    return entryOf(key, value, pointer, names.get(name) === 1 ? name : key)
  })
}

function listed(item: unknown, at: Pointer): readonly Written[] {
  return isPlainMap(item) ? mapped(item, at) : [[String(item), null, at]]
}

function mapped(plugins: unknown, at: Pointer): readonly Written[] {
  return Object.entries(isPlainMap(plugins) ? plugins : {}).map(([key, value]) => [
    key,
    value,
    childPointer(at, key),
  ])
}

function entryOf(key: string, value: unknown, pointer: Pointer, name: string): PluginEntry {
  const given = isPlainMap(value) ? value : {}
  if (!isLongForm(given)) {
    const nothing = { capabilities: {}, onFault: {}, waitMs: {}, secrets: {} }
    return { pointer, optionsPointers: [pointer], name, use: key, options: given, ...nothing }
  }
  return {
    pointer,
    optionsPointers: [childPointer(pointer, 'config')],
    name,
    use: given.use,
    options: isPlainMap(given['config']) ? given['config'] : {},
    capabilities: given['capabilities'] ?? {},
    onFault: given['onFault'] ?? {},
    waitMs: given['waitMs'] ?? {},
    secrets: (given['secrets'] ?? {}) as PluginConfig['secrets'],
  }
}

/** A value with `use` is the long form, whose key is the plugin's name. */
function isLongForm(value: Record<string, unknown>): value is Record<string, unknown> & { use: string } {
  return typeof value['use'] === 'string'
}

/** A path is called by its last part, as long as no other plugin of the tenant is. */
function nameOf(key: string, value: unknown): string {
  if (isPlainMap(value) && isLongForm(value)) return key
  return key.includes('/') ? path.basename(key).replace(/\.bundle\.json$/, '') : key
}

/**
 * Finds what a path or a dotted name means, or undefined when nothing is there. What exists as a path is a
 * path; otherwise `a.b.file.Name` is the export `Name` of the folder a/b/file (aMQTT's form). What is then
 * still unknown may be a bundled plugin: `bulkhead/topic-acl`, or aMQTT's own name of it.
 */
export function locatePlugin(use: string, baseDir: string): PluginLocation | undefined {
  const direct = path.resolve(baseDir, use)
  if (existsSync(direct)) return { path: direct }
  const dotted = locateDotted(use, baseDir)
  if (dotted !== undefined) return dotted
  const bundled = bundledPlugin(use)
  return bundled === undefined ? undefined : { path: bundled }
}

function locateDotted(use: string, baseDir: string): PluginLocation | undefined {
  const parts = use.split('.')
  const exportName = parts.pop()
  const isDotted =
    exportName !== undefined &&
    parts.length > 0 &&
    [...parts, exportName].every((part) => /^[\w-]+$/.test(part))
  if (!isDotted) return undefined
  const folder = path.resolve(baseDir, ...parts)
  return existsSync(folder) ? { path: folder, exportName } : undefined
}
