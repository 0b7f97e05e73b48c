import { Histogram } from '../../../src/base/histogram.ts'
import { Tally } from '../../../src/base/tally.ts'
import { QUESTION_SECONDS } from '../../limits.ts'
import type { Outcome } from '../../outcome.ts'
import type { AskerName } from '../../sdk/hooks.ts'
import { hookOf } from '../../wire/messages.ts'
import type { HookCounts, PluginCounts } from '../counts.ts'
import type { CheckedVerdict } from '../questions/checked-verdict.ts'
import type { Question } from '../questions/question.ts'

type Answered = Pick<Question, 'hook' | 'asker' | 'slot' | 'askedAt'>

/** What one plugin was asked, how that ended, and what it cost, since its tenant was opened. */
export class PluginCounters implements PluginCounts {
  readonly questions: Map<AskerName, HookCounts> = new Map()
  workedMs = 0
  strikes = 0
  quarantines = 0
  tellersDropped = 0

  /** Gives the answer to who asked, and counts it: each question comes through here once. */
  answer(question: Answered, outcome: Outcome, verdict: CheckedVerdict | null = null): void {
    const { asker, slot } = question
    if (asker === null) return
    if (asker.isTrial !== true) this.#count(question, outcome)
    asker.answered(slot, outcome, verdict)
  }

  #count({ hook, askedAt }: Answered, outcome: Outcome): void {
    const name = hookOf(hook) as AskerName
    let counts = this.questions.get(name)
    if (counts === undefined) {
      counts = { outcomes: new Tally(), seconds: new Histogram(QUESTION_SECONDS) }
      this.questions.set(name, counts)
    }
    counts.outcomes.count(outcome)
    counts.seconds.observe((performance.now() - askedAt) / 1000)
  }
}
