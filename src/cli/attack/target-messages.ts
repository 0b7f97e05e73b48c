import type { AuditRecord } from '../../index.ts'

/** What the process with the broker is told. */
export type ToTarget =
  | { readonly do: 'start'; readonly config: Readonly<Record<string, unknown>> }
  /** To write the mark into its log, behind all that it has logged. */
  | { readonly do: 'mark'; readonly mark: number }
  | { readonly do: 'weigh' }
  | { readonly do: 'audit'; readonly tenant: string }
  | { readonly do: 'stop' }

/** What it answers. */
export type FromTarget =
  | { readonly is: 'started'; readonly url: string }
  | { readonly is: 'failed'; readonly why: string }
  | { readonly is: 'marked' }
  | { readonly is: 'weighed'; readonly health: Health }
  | { readonly is: 'audited'; readonly records: readonly AuditRecord[] }
  | { readonly is: 'stopped'; readonly before: Possessions; readonly after: Possessions }

/** How a broker fares since it was last weighed. */
export interface Health {
  /** The longest time that its event loop was away. */
  readonly lagMs: number
  /** As far as it was busy itself, and not waiting for a core that others had. */
  readonly blockedMs: number
  readonly residentBytes: number
}

/** What a process holds of the system's; all 0 where the system does not tell. */
export interface Possessions {
  readonly descriptors: number
  readonly threads: number
  readonly children: number
}

/** The key of the line in the log that is no line of the broker's. */
export const MARK = 'attackMark'
