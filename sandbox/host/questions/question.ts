import { HOOKS, type HookName } from '../../sdk/hooks.ts'
import type { Asker, Origin, Subject } from '../host-ports.ts'
import type { KnownSubject } from './subjects.ts'

/** A question, or what a teller is told (then nobody waits). */
export interface Question {
  /** By number, as `hookOf` of the wire reads it. */
  readonly hook: number
  readonly subject: KnownSubject | null
  /** JSON text of an object. */
  readonly event: string
  readonly asker: Asker | null
  readonly slot: number
  /** Whose strikes it is. */
  readonly source: string
  /** How many plugins' publishes led to it. */
  readonly hops: number
  /** When it was asked, if the plugin had no isolate then; else 0. In ms. */
  readonly since: number
  /** When it was asked, in ms, if somebody waits; else 0. */
  readonly askedAt: number
  /** How often a cell gave it back not begun. */
  returned: number
}

const HOOK_NUMBERS: ReadonlyMap<HookName, number> = new Map(HOOKS.map((hook, number) => [hook, number]))

/** What `hookOf` of the wire reads. */
export function numberOf(hook: HookName): number {
  return HOOK_NUMBERS.get(hook) as number
}

/** @param since see {@link Question.since}. */
export function newQuestion(
  hook: number,
  subject: Subject | null,
  event: string,
  asker: Asker | null,
  slot: number,
  origin: Origin,
  since: number,
): Question {
  // who makes others ask answers for it, not who they are about
  const source = origin.source ?? subject?.source ?? ''
  // every subject is made by this host: the port's type alone is wider
  const known = subject as KnownSubject | null
  const askedAt = asker === null ? 0 : performance.now()
  const hops = origin.hops ?? 0
  return { hook, subject: known, event, asker, slot, source, hops, since, askedAt, returned: 0 }
}
