import { isDeepStrictEqual } from 'node:util'
import { isPlainMap } from './config-tree.ts'
import type { LoadedConfig } from './load-config.ts'
import { childPointer, dotted, type Pointer, pointerKeys } from './pointer.ts'
import { isFree, isPluginSecret, MASK } from './secrets.ts'
import { SINGLE_TENANT_KEYS } from './tenant-schema.ts'

/** One thing that a config says otherwise than another one. */
export interface ConfigChange {
  readonly what: 'added' | 'removed' | 'changed'
  /** `tenants.acme.quotas.connections` */
  readonly key: string
  /** Where it stands: `broker.yaml:12:5`; undefined: nowhere, or not any more. */
  readonly place?: string
  /** What it was and is, for people; masked where it may be secret, absent where it is a map of its own. */
  readonly before?: string
  readonly after?: string
  /** A running broker cannot take it up. */
  readonly needsRestart: boolean
}

type Side = Pick<LoadedConfig, 'effective' | 'origins' | 'secrets'>

/** All differences between two configs, in the order of the later one, what is removed from a map behind. */
export function configDifference(before: Side, after: Side): readonly ConfigChange[] {
  return [...differences(before.effective, after.effective, '', { before, after })]
}

interface Sides {
  readonly before: Side
  readonly after: Side
}

function* differences(before: unknown, after: unknown, at: Pointer, sides: Sides): Generator<ConfigChange> {
  if (isPlainMap(before) && isPlainMap(after)) {
    for (const key of new Set([...Object.keys(after), ...Object.keys(before)]))
      yield* differences(before[key], after[key], childPointer(at, key), sides)
    if (isOrdered(at)) yield* orderChange(before, after, at)
    return
  }
  if (isDeepStrictEqual(before, after)) return
  const what = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  const place = after === undefined ? undefined : placeOf(at, sides.after)
  const [was, is] = [shown(before, at, sides.before), shown(after, at, sides.after)]
  yield {
    what,
    key: dotted(at),
    ...(place !== undefined && { place }),
    ...(was !== undefined && { before: was }),
    ...(is !== undefined && { after: is }),
    needsRestart: needsRestart(at),
  }
}

/** The order of tenants is that of matching, the order of plugins that of asking. */
function isOrdered(at: Pointer): boolean {
  return at === '/tenants' || pointerKeys(at).at(-1) === 'plugins'
}

function* orderChange(before: object, after: object, at: Pointer): Generator<ConfigChange> {
  const [were, are] = [Object.keys(before), Object.keys(after)]
  const [first, then] = [were.filter((key) => are.includes(key)), are.filter((key) => were.includes(key))]
  if (isDeepStrictEqual(first, then)) return
  const key = `${dotted(at)} (order)`
  yield { what: 'changed', key, before: first.join(', '), after: then.join(', '), needsRestart: false }
}

/** Of a value, or of the map that holds what is new. */
function placeOf(at: Pointer, { origins }: Side): string | undefined {
  const own = origins.get(at)
  if (own !== undefined) return own
  for (const [pointer, origin] of origins) if (pointer.startsWith(`${at}/`)) return origin
  return undefined
}

/** What plugins are given is never shown: only their own schemas say what of it is secret. */
function shown(value: unknown, at: Pointer, { secrets }: Side): string | undefined {
  if (value === undefined || isPlainMap(value)) return undefined
  const items = Array.isArray(value) ? [...value.keys()].map((index) => childPointer(at, index)) : []
  if ([at, ...items].some((place) => secrets.has(place) || isPluginSecret(place) || isFree(place)))
    return MASK
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) return undefined
  return JSON.stringify(value)
}

/** What makes up tenants, and what their plugins reach, can be another while they are served. */
const LIVE: ReadonlySet<string> = new Set([
  ...SINGLE_TENANT_KEYS,
  'tenants',
  'databases',
  'directories',
  'auth',
  'topic-check',
  'pluginNamespace',
])

const LIVE_OF_SANDBOX: ReadonlySet<string> = new Set(['limits', 'jit'])

function needsRestart(at: Pointer): boolean {
  const [room = '', key = ''] = pointerKeys(at)
  return room === 'sandbox' ? !LIVE_OF_SANDBOX.has(key) : !LIVE.has(room)
}
