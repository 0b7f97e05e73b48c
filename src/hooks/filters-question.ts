import type { Asker, CheckedVerdict, Outcome } from '../../sandbox/index.ts'
import type { Client } from '../session/client.ts'
import { topicFilteringText } from './event-text.ts'
import { NOBODY_ALLOWED } from './failure-policy.ts'
import { mergeVerdicts, NO_OPINION } from './merge-verdicts.ts'
import { verdictOf } from './question.ts'
import type { Voter } from './tenant-hooks.ts'
import type { Verdict } from './verdict.ts'

/** One filter of a SUBSCRIBE, as plugins are asked about it. */
export interface AskedFilter {
  /** Without `$share/NAME/`. */
  readonly filter: string
  readonly share?: string
  readonly qos: 0 | 1 | 2
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: 0 | 1 | 2
}

/**
 * A SUBSCRIBE's question: an answer for each filter, in the packet's order. `authorizeSubscribe` is asked
 * once for all filters, `topicFiltering` once for each.
 */
export abstract class FiltersQuestion implements Asker {
  readonly #voters: readonly Voter[]
  readonly #verdicts: Verdict[]
  #waiting = 0

  constructor(voters: readonly Voter[], filterCount: number) {
    this.#voters = voters
    this.#verdicts = new Array<Verdict>(filterCount).fill(NO_OPINION)
  }

  /** @param verdicts one a filter, none of them an abstention. */
  protected abstract decided(verdicts: readonly Verdict[]): void

  ask(client: Client, filters: readonly AskedFilter[]): void {
    for (const voter of this.#voters) this.#waiting += voter.hook === 'topicFiltering' ? filters.length : 1
    const all = JSON.stringify({ filters })
    this.#voters.forEach((voter, index) => {
      const first = index * (filters.length + 1)
      if (voter.hook !== 'topicFiltering') {
        voter.plugin.ask(voter.hook, client.subject, all, this, first)
        return
      }
      filters.forEach((asked, place) => {
        const event = topicFilteringText(asked.filter, 'subscribe', asked.qos)
        voter.plugin.ask('topicFiltering', client.subject, event, this, first + 1 + place)
      })
    })
  }

  /**
   * A slot names voter and filter: `voter * (filters + 1)` for all filters, plus the filter's place, from 1.
   */
  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const count = this.#verdicts.length
    const place = slot % (count + 1)
    const voter = this.#voters[Math.floor(slot / (count + 1))] as Voter
    if (place > 0) this.#merge(place - 1, verdictOf(voter, outcome, verdict))
    else this.#mergeAll(voter, outcome, verdict)
    if (--this.#waiting === 0) {
      this.decided(this.#verdicts.map((each) => (each.verdict === 'abstain' ? NOBODY_ALLOWED : each)))
    }
  }

  #mergeAll(voter: Voter, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const count = this.#verdicts.length
    if (outcome === 'ok' && verdict?.verdict === 'filters') {
      // one answer too many or too few: nobody knows which filter is meant, so the answer counts as none
      const fits = verdict.filters.length === count
      for (let i = 0; i < count; i++) {
        this.#merge(i, fits ? (verdict.filters[i] as Verdict) : verdictOf(voter, 'bad-verdict', null))
      }
      return
    }
    const single = verdictOf(voter, outcome, verdict)
    for (let i = 0; i < count; i++) this.#merge(i, single)
  }

  #merge(place: number, verdict: Verdict): void {
    this.#verdicts[place] = mergeVerdicts(this.#verdicts[place] ?? NO_OPINION, verdict)
  }
}
