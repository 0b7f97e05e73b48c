import { isDeepStrictEqual } from 'node:util'
import { ASKERS, type AskerName, foldOption } from '../../sandbox/index.ts'
import { didYouMean } from '../base/nearest.ts'
import type { ShapedTree } from './check-shape.ts'
import type { ConfigProblems } from './config-problems.ts'
import { type ConfigTree, isPlainMap } from './config-tree.ts'
import type { PluginEntry, PluginLocation } from './plugin-entries.ts'
import { DEFAULT_NAMESPACE, readNamespace } from './plugin-namespace.ts'
import { childPointer, type Pointer } from './pointer.ts'

/** The keys of aMQTT's older form, which has no `plugins:`. */
const LEGACY_KEYS = ['auth', 'topic-check', 'pluginNamespace'] as const

/** What in the two sections is the broker's own, and no option of a plugin's. */
const HOST_KEYS: ReadonlySet<string> = new Set(['plugins', 'enable', 'enabled'])

const TOPIC_ASKERS: readonly AskerName[] = ASKERS.filter((hook) => hook !== 'authenticate')

export interface LegacySources {
  readonly tree: ConfigTree
  readonly shaped: ShapedTree
  readonly baseDir: string
  readonly problems: ConfigProblems
  readonly warnings: string[]
}

/** The plugins of a config of aMQTT's older form, and what their tenant is then. */
export interface LegacyPlugins {
  readonly entries: readonly PluginEntry[]
  /** Where topics are checked, what no plugin decides is denied. Undefined: they are not checked. */
  readonly topicDefault: 'deny' | undefined
}

/** `auth:` or `topic-check:`, read. */
interface Section {
  readonly pointer: Pointer
  /** Undefined: whoever has the hook. */
  readonly aliases: readonly string[] | undefined
  readonly options: Readonly<Record<string, unknown>>
  readonly written: Readonly<Record<string, unknown>>
}

/**
 * Reads aMQTT's older form: every plugin of a namespace is loaded and told events, and the lists in `auth:`
 * and `topic-check:` choose who of them is asked. A list that is absent means all that have the hook; where
 * the section itself is absent, nobody is asked. Undefined: the config is not of this form.
 */
export function legacyPlugins(sources: LegacySources): LegacyPlugins | undefined {
  const { tree, shaped, baseDir, problems } = sources
  const present = LEGACY_KEYS.filter((key) => tree.root[key] !== undefined)
  // which namespace is meant is not known where its name is a mistake
  if (present.length === 0 || shaped.removed.has('/pluginNamespace')) return undefined
  if (refuseMixture(present, sources)) return undefined
  const written = shaped.root['pluginNamespace']
  const namespace = typeof written === 'string' ? written : DEFAULT_NAMESPACE
  const pointer: Pointer = `/${present.find((key) => key === 'pluginNamespace') ?? present[0]}`
  const plugins = readNamespace(namespace, baseDir, (message) =>
    problems.atKey(tree, pointer, message, 'ERR_PLUGIN_NOT_FOUND'),
  )
  const [auth, topics] = [section('auth', shaped), section('topic-check', shaped)]
  const sections = [auth, topics].filter((each) => each !== undefined)
  for (const each of sections) refuseUnknown(each, namespace, plugins, sources)
  const isChecked = topics !== undefined && isOn(topics, sources)
  const options = sharedOptions(sections, sources)
  const entries = [...plugins].map(([alias, location]) => {
    const unasked: AskerName[] = names(auth, alias) ? [] : ['authenticate']
    if (!isChecked || !names(topics, alias)) unasked.push(...TOPIC_ASKERS)
    return entryOf(alias, location, {
      pointer,
      options,
      unasked,
      places: sections.map((each) => each.pointer),
    })
  })
  return { entries, topicDefault: isChecked ? 'deny' : undefined }
}

/** @returns whether there was any: who mixes both forms cannot have meant either as it stands. */
function refuseMixture(present: readonly string[], { tree, problems }: LegacySources): boolean {
  const clashes = [
    ['plugins', present],
    ['tenants', present],
    // with an empty list either would open what the list closes
    ['anonymous', present.filter((key) => key === 'auth')],
    ['topicDefault', present.filter((key) => key === 'topic-check')],
  ] as const
  const found = clashes.filter(([key, others]) => tree.root[key] !== undefined && others.length > 0)
  for (const [key, others] of found) {
    const older = others.map((other) => JSON.stringify(other)).join(', ')
    problems.atKey(tree, `/${key}`, `${JSON.stringify(key)} cannot stand with aMQTT's older form: ${older}`)
  }
  return found.length > 0
}

function section(key: 'auth' | 'topic-check', { root }: ShapedTree): Section | undefined {
  const written = root[key]
  if (!isPlainMap(written)) return undefined
  const { plugins } = written
  const options = Object.fromEntries(Object.entries(written).filter(([name]) => !HOST_KEYS.has(name)))
  return {
    pointer: `/${key}`,
    aliases: Array.isArray(plugins) ? plugins.map(String) : undefined,
    options,
    written,
  }
}

function names(asked: Section | undefined, alias: string): boolean {
  return asked !== undefined && (asked.aliases === undefined || asked.aliases.includes(alias))
}

function refuseUnknown(
  { pointer, aliases = [] }: Section,
  namespace: string,
  plugins: ReadonlyMap<string, PluginLocation>,
  { tree, problems }: LegacySources,
): void {
  if (plugins.size === 0) return
  for (const [index, alias] of aliases.entries()) {
    if (plugins.has(alias)) continue
    const missing = `there is no plugin ${JSON.stringify(alias)} in the namespace ${namespace}`
    const hint = didYouMean(alias, plugins.keys()) || `, only ${[...plugins.keys()].join(', ')}`
    const place = childPointer(`${pointer}/plugins`, index)
    problems.atValue(tree, place, `${missing}${hint}`, 'ERR_PLUGIN_NOT_FOUND')
  }
}

/** aMQTT's documentation has `enabled`, its page on plugins `enable`: both are read. */
function isOn({ pointer, written }: Section, { tree, problems, warnings }: LegacySources): boolean {
  const { enable, enabled } = written
  if (enable !== undefined && enabled !== undefined && enable !== enabled) {
    problems.atKey(tree, `${pointer}/enabled`, '"enable" and "enabled" contradict each other')
  }
  if (enable === undefined && enabled === undefined) {
    warnings.push('"topic-check" says neither "enable" nor "enabled": topics are checked')
  }
  return enable !== false && enabled !== false
}

/** The options of both sections: each plugin takes those that its schema names. */
function sharedOptions(
  sections: readonly Section[],
  { tree, problems }: LegacySources,
): Readonly<Record<string, unknown>> {
  const shared = new Map<string, unknown>()
  for (const { pointer, options } of sections) {
    for (const [key, value] of Object.entries(options)) {
      const name = foldOption(key)
      if (shared.has(name) && !isDeepStrictEqual(shared.get(name), value)) {
        problems.atKey(tree, childPointer(pointer, key), `${JSON.stringify(key)} is given twice, and differs`)
      }
      shared.set(name, value)
    }
  }
  return Object.fromEntries(shared)
}

function entryOf(
  alias: string,
  location: PluginLocation,
  {
    pointer,
    options,
    unasked,
    places,
  }: {
    pointer: Pointer
    options: PluginEntry['options']
    unasked: readonly AskerName[]
    places: readonly Pointer[]
  },
): PluginEntry {
  return {
    pointer,
    optionsPointers: places,
    name: alias,
    use: alias,
    location,
    options,
    legacy: { unasked },
    capabilities: {},
    onFault: {},
    waitMs: {},
    secrets: {},
  }
}
