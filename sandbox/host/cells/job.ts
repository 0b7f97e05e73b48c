import type { FrameOutcome } from '../../wire/messages.ts'

/**
 * Judging an answer, a little at a time: each step yields what it cost, and in the end it says whether a cell
 * of ours would answer like this. Where it is given up between two steps (`return`), whoever still waits is
 * answered all the same.
 */
export type Judging = Generator<number, boolean, void>

/** Judges to the end at once: where there is but little. */
export function judgeAtOnce(judging: Judging): boolean {
  for (;;) {
    const { done, value } = judging.next()
    if (done === true) return value
  }
}

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
   * @returns false when no cell of ours would answer like this: it is killed. What may be long is judged in
   * steps.
   */
  done(outcome: FrameOutcome, body: string): boolean | Judging
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
