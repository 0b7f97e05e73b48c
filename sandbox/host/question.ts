import type { Asker } from './host-ports.ts'
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
  /** How often a cell gave it back not begun. */
  returned: number
}
