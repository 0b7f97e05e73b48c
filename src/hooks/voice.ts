import type { AskerName, Outcome, TransformVerdict, WillVerdict } from '../../sandbox/index.ts'
import type { Verdict } from './verdict.ts'

/** Where an answer came from: the plugin itself, what it said to the same question before, or its grants. */
export type Source = 'crossing' | 'cache' | 'grant'

/** What one plugin said to a question, for those who want to know why it ended as it did. */
export interface Voice {
  readonly plugin: string
  readonly version: string
  readonly hook: AskerName
  readonly source: Source
  /** Other than `ok`: the failure policy has answered in its place. */
  readonly outcome: Outcome
  readonly verdict: (Verdict | TransformVerdict | WillVerdict) & { readonly note?: string }
  /** How long the answer took, in microseconds; in advance: 0. */
  readonly micros: number
}
