import type { Asker, AskerName, CheckedVerdict, Outcome } from '../../sandbox/index.ts'
import { type FailurePolicy, fallbackVerdict, NOBODY_ALLOWED } from './failure-policy.ts'
import { mergeVerdicts, NO_OPINION } from './merge-verdicts.ts'
import type { Verdict } from './verdict.ts'

/** Whom to ask: one plugin's hook, and what to answer in its place when it fails. */
export interface AskedPlugin {
  readonly hook: AskerName
  readonly onFault: FailurePolicy
}

/**
 * A question to the plugins of a tenant that has one answer. What waits for it (a parked packet) extends it:
 * the question is its only allocation, and {@link decided} is called once, when all asked plugins have
 * answered.
 */
export abstract class Question implements Asker {
  #asked: readonly AskedPlugin[] = []
  #waiting = 0
  #merged: Verdict = NO_OPINION

  /** Called by {@link ask} before the first question leaves. */
  expect(asked: readonly AskedPlugin[]): void {
    this.#asked = asked
    this.#waiting = asked.length
    this.#merged = NO_OPINION
  }

  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    this.#merged = mergeVerdicts(this.#merged, verdictOf(this.#asked[slot] as AskedPlugin, outcome, verdict))
    if (--this.#waiting === 0) {
      this.decided(this.#merged.verdict === 'abstain' ? NOBODY_ALLOWED : this.#merged)
    }
  }

  /** @param verdict allow, deny or disconnect: an abstention of all has become a refusal. */
  protected abstract decided(verdict: Verdict): void
}

/** The single answer of one plugin, or what stands in for it. */
export function verdictOf(asked: AskedPlugin, outcome: Outcome, verdict: CheckedVerdict | null): Verdict {
  if (outcome !== 'ok' || verdict === null) return fallbackVerdict(asked.onFault, asked.hook, outcome)
  if (verdict.verdict !== 'filters' && verdict.verdict !== 'recipients') return verdict
  return fallbackVerdict(asked.onFault, asked.hook, 'bad-verdict')
}
