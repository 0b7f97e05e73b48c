import type { FrameOutcome } from '../../wire/messages.ts'

/** How jobs end that their cell did not answer. */
export type LostOutcome = 'crash' | 'memory'

/** One frame to a cell, and what becomes of it. A cell works through its jobs in order. */
export interface Job {
  /** Of messages.ts' FRAME. */
  readonly type: number
  readonly instance: number
  readonly generation: number
  readonly count: number
  /** How long the cell may take, from when it can have begun. */
  readonly allowanceMs: number
  /**
   * The cell's answer. Comes once at most, and also after `overdue`.
   *
   * @returns false when no cell of ours would answer like this: it is killed.
   */
  done(outcome: FrameOutcome, body: string): boolean
  /** Its time is up: whoever waits is to be answered now. */
  overdue(): void
  /**
   * The cell ended before it answered. Never comes after `done`.
   *
   * @param atWork whether the cell can have been at this job; the jobs behind it had not begun.
   * @param outcome `memory`: it was killed because it took too much; else `crash`.
   */
  lost(atWork: boolean, outcome: LostOutcome): void
}
