import type { Json } from 'bulkhead/plugin'

/** What is said of a device: by key, whatever JSON holds. */
export type Section = { readonly [key: string]: Json }

/** What a device is to be like, and what it is like. */
export type Halves = { readonly desired: Section; readonly reported: Section }

/** A shadow, as it is stored and sent. */
export type Shadow = {
  readonly state: Halves
  /** Of each key of `state`, when it was last set: `{ timestamp }`, in the place of its value. */
  readonly metadata: Halves
  /** Grows by one with each update; 0: there was none. */
  readonly version: number
  /** Of the last update, in seconds since the epoch. */
  readonly timestamp: number
}

/** Levels of objects below `desired` and `reported`. */
const DEPTH = 8

const NOTHING: Halves = { desired: {}, reported: {} }
export const NO_SHADOW: Shadow = { state: NOTHING, metadata: NOTHING, version: 0, timestamp: 0 }

/** Why an update is refused; the message is for who sent it. */
export class UpdateError extends Error {}

/**
 * Reads what an update says: `{ state: { desired?, reported? } }`.
 *
 * @throws UpdateError
 */
export function readUpdate(update: unknown): Partial<Halves> {
  const state = isSection(update) ? update['state'] : undefined
  if (state === undefined) throw new UpdateError("the 'state' field is required")
  if (!isSection(state)) throw new UpdateError("'state' must be an object")
  for (const half of ['desired', 'reported']) {
    const given = state[half]
    if (given !== undefined && !isSection(given)) throw new UpdateError(`'${half}' must be an object`)
    if (depthOf(given) > DEPTH) throw new UpdateError(`'${half}' is nested deeper than ${DEPTH} levels`)
  }
  return state
}

/** The shadow after an update: keys are merged level by level, `null` takes one away. */
export function updated(shadow: Shadow, update: Partial<Halves>, timestamp: number): Shadow {
  const { state, metadata, version } = shadow
  const half = (name: keyof Halves): Merged =>
    merged(state[name], metadata[name], update[name] ?? {}, timestamp)
  const [desired, reported] = [half('desired'), half('reported')]
  return {
    state: { desired: desired.values, reported: reported.values },
    metadata: { desired: desired.times, reported: reported.times },
    version: version + 1,
    timestamp,
  }
}

interface Merged {
  readonly values: Section
  readonly times: Section
}

function merged(values: Section, times: Section, update: Section, timestamp: number): Merged {
  const [nextValues, nextTimes] = [new Map(Object.entries(values)), new Map(Object.entries(times))]
  for (const [key, value] of Object.entries(update)) {
    if (value === null) {
      nextValues.delete(key)
      nextTimes.delete(key)
    } else if (isSection(value)) {
      const isNested = isSection(nextValues.get(key))
      const below = isNested ? [nextValues.get(key), nextTimes.get(key)] : []
      const next = merged(sectionOf(below[0]), sectionOf(below[1]), value, timestamp)
      nextValues.set(key, next.values)
      nextTimes.set(key, next.times)
    } else {
      nextValues.set(key, value)
      nextTimes.set(key, { timestamp })
    }
  }
  // not by assignment: a key may be called __proto__
  return { values: Object.fromEntries(nextValues), times: Object.fromEntries(nextTimes) }
}

/** What is desired and not, or not so, reported: of an object, those of its keys alone. */
export function delta({ desired, reported }: Halves): Section {
  const different = Object.entries(desired).flatMap(([key, wanted]): [string, Json][] => {
    const has = own(reported, key)
    if (isSection(wanted) && isSection(has)) {
      const below = delta({ desired: wanted, reported: has })
      return Object.keys(below).length > 0 ? [[key, below]] : []
    }
    return isEqual(wanted, has) ? [] : [[key, wanted]]
  })
  return Object.fromEntries(different)
}

/** What is desired and not so reported, whole; and as `null` what is reported and no longer desired. */
export function iota({ desired, reported }: Halves): Section {
  const different = Object.entries(desired).filter(([key, wanted]) => !isEqual(wanted, own(reported, key)))
  const left = Object.keys(reported).filter((key) => !Object.hasOwn(desired, key))
  return Object.fromEntries([...different, ...left.map((key) => [key, null] as const)])
}

/** Of the times, those of the keys that a delta has. */
export function timesOf(difference: Section, times: Section): Section {
  const found = Object.entries(difference).flatMap(([key, value]): [string, Json][] => {
    const time = own(times, key)
    if (time === undefined) return []
    return [[key, isSection(value) && isSection(time) ? timesOf(value, time) : time]]
  })
  return Object.fromEntries(found)
}

function isEqual(one: Json, other: Json | undefined): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [entries, others] = [Object.entries(one), other as Section]
  return (
    entries.length === Object.keys(others).length &&
    entries.every(([key, value]: [string, Json]) => isEqual(value, own(others, key)))
  )
}

/** Counts no further than one level too many: what a client sends may be nested without end. */
function depthOf(value: unknown, most: number = DEPTH + 1): number {
  if (typeof value !== 'object' || value === null || most === 0) return 0
  return 1 + Math.max(0, ...Object.values(value).map((each) => depthOf(each, most - 1)))
}

function own(section: Section, key: string): Json | undefined {
  return Object.hasOwn(section, key) ? section[key] : undefined
}

function sectionOf(value: Json | undefined): Section {
  return isSection(value) ? value : {}
}

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
