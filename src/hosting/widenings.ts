import type { Manifest } from '../../sandbox/index.ts'
import { WIDENINGS_TOLD } from '../base/limits.ts'

/** A power that a version asks for, and the one before did not, or not so far. */
export interface Widening {
  readonly capability: string
  /** What of it: a bound, such as `hosts`; '' for the capability as a whole. */
  readonly bound: string
  /** As JSON; '' where it had nothing of it. */
  readonly before: string
  readonly after: string
}

type Powers = Manifest['capabilities']

/**
 * What somebody has to consent to before `asked` may follow `before`: powers that are new, lists that have
 * more in them, numbers that are larger, bounds that are gone. Less of anything needs nobody's consent. What
 * cannot be compared counts as wider.
 */
export function widenings(before: Powers, asked: Powers): readonly Widening[] {
  const found: Widening[] = []
  for (const [capability, after] of Object.entries(asked)) {
    const had = Object.hasOwn(before, capability) ? before[capability as keyof Powers] : undefined
    if (had === undefined) found.push({ capability, bound: '', before: '', after: JSON.stringify(after) })
    // what was asked for as a whole has no bounds that could be passed
    else if (had !== true) found.push(...wider(capability, had, after))
  }
  return found.slice(0, WIDENINGS_TOLD)
}

type Bounds = Readonly<Record<string, unknown>>

function wider(capability: string, had: Bounds, asked: true | Bounds): readonly Widening[] {
  if (asked === true) return [{ capability, bound: '', before: JSON.stringify(had), after: 'true' }]
  const bounds = new Set([...Object.keys(had), ...Object.keys(asked)])
  return [...bounds]
    .filter((bound) => !isWithin(own(asked, bound), own(had, bound)))
    .map((bound) => ({ capability, bound, before: shown(own(had, bound)), after: shown(own(asked, bound)) }))
}

/** A bound that is not there bounds nothing. */
function isWithin(asked: unknown, had: unknown): boolean {
  if (had === undefined) return true
  if (typeof asked === 'number' && typeof had === 'number') return asked <= had
  if (Array.isArray(asked) && Array.isArray(had)) return asked.every((each) => had.includes(each))
  return asked === had
}

function own(bounds: Bounds, bound: string): unknown {
  return Object.hasOwn(bounds, bound) ? bounds[bound] : undefined
}

function shown(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value)
}
