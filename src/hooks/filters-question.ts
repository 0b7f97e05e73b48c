import type { Asker, CheckedVerdict, Outcome } from '../../sandbox/index.ts'
import type { Client } from '../session/client.ts'
import { NOBODY_ALLOWED } from './failure-policy.ts'
import type { Inquiry } from './inquiry.ts'
import { mergeVerdicts, NO_OPINION } from './merge-verdicts.ts'
import { isReusable, verdictOf, voiceOf } from './question.ts'
import { type Advance, type Standing, standingOf } from './standing.ts'
import type { Voter } from './tenant-hooks.ts'
import type { Verdict } from './verdict.ts'
import type { Source, Voice } from './voice.ts'

/** One question under way: who is asked, and about which filters. */
interface Ballot {
  readonly voter: Voter
  /** Places among the filters. */
  readonly places: readonly number[]
}

/**
 * A question about several filters of one packet: an answer for each, in the packet's order. The sharp hook
 * is asked once for all that it has not answered in advance, `topicFiltering` once for each.
 */
export abstract class FiltersQuestion<Filter> implements Asker {
  readonly #voters: readonly Voter[]
  readonly #verdicts: Verdict[]
  readonly #voices: Voice[][]
  /** By slot. */
  readonly #ballots: Ballot[] = []
  #filters: readonly Filter[] = []
  #client: Client | null = null
  #standing: Standing | null = null
  #isSecond = false
  #waiting = 0
  #askedAt = 0

  constructor(voters: readonly Voter[], filterCount: number) {
    this.#voters = voters
    this.#verdicts = new Array<Verdict>(filterCount).fill(NO_OPINION)
    this.#voices = Array.from({ length: filterCount }, () => [])
  }

  /** Asked to be explained: what is said leaves no trace, not even in memory. */
  get isTrial(): boolean {
    return false
  }

  /** Whether anybody is to be asked. */
  protected get hasVoters(): boolean {
    return this.#voters.length > 0
  }

  /** Who said what of the filter at this place. */
  voicesOn(place: number): readonly Voice[] {
    return this.#voices[place] ?? []
  }

  /** @param verdicts one a filter, none of them an abstention. */
  protected abstract decided(verdicts: readonly Verdict[]): void

  /** The event of one call; `topicFiltering` is called for one filter at a time. */
  protected abstract eventText(voter: Voter, filters: readonly Filter[]): string

  /** As what answers in advance know it; null: there are none about such a question. */
  protected abstract inquiryOf(filter: Filter): Inquiry | null

  ask(client: Client, filters: readonly Filter[]): void {
    this.#client = client
    this.#filters = filters
    this.#askedAt = performance.now()
    this.#standing = standingOf(client)
    for (const voter of this.#voters) this.#prepare(voter)
    // all are known before the first is asked: an answer within the question must not be taken for the last
    this.#waiting = this.#ballots.length
    if (this.#waiting === 0) return this.#end()
    this.#ballots.forEach(({ voter, places }, slot) => {
      const asked = places.map((place) => this.#filters[place] as Filter)
      voter.plugin.ask(voter.hook, client.subject, this.eventText(voter, asked), this, slot)
    })
  }

  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const { voter, places } = this.#ballots[slot] as Ballot
    if (outcome === 'ok' && verdict?.verdict === 'filters') {
      // one answer too many or too few: nobody knows which filter is meant, so the answer counts as none
      const fits = verdict.filters.length === places.length
      const none = verdictOf(voter, 'bad-verdict', null)
      places.forEach((place, index) => {
        if (fits) this.#say(place, voter, 'ok', verdict.filters[index] as Verdict)
        else this.#say(place, voter, 'bad-verdict', none)
      })
    } else {
      const single = verdictOf(voter, outcome, verdict)
      for (const place of places) this.#say(place, voter, outcome, single)
    }
    if (--this.#waiting === 0) this.#end()
  }

  #end(): void {
    if (this.#isOutdated()) {
      if (!this.#isSecond) return this.#askAgain()
      this.#refuseTakenBack()
    }
    this.decided(this.#verdicts.map((each) => (each.verdict === 'abstain' ? NOBODY_ALLOWED : each)))
  }

  /**
   * A subscription that is kept by an answer of before a plugin took it back would outlive the check of all
   * live ones: it is asked about again. Once, or a plugin that takes back with each answer were asked for
   * ever: what is taken back of this very client, or under the answer's tag, is then refused.
   */
  #isOutdated(): boolean {
    const since = this.#askedAt
    // of a plugin's grants as well, which spoke at once while another plugin was waited for
    return this.#voters.some(({ plugin }) => this.#standing?.hasTakenBack(plugin.name, since))
  }

  #refuseTakenBack(): void {
    const { clientId } = this.#client as Client
    this.#voices.forEach((voices, place) => {
      const isGone = voices.some(({ plugin, verdict }) => {
        const tag = verdict.verdict === 'allow' ? verdict.cacheTag : undefined
        return this.#standing?.isTakenBack(plugin, { clientId, tag }, this.#askedAt)
      })
      if (isGone) this.#verdicts[place] = mergeVerdicts(this.#verdicts[place] ?? NO_OPINION, OUTDATED)
    })
  }

  #askAgain(): void {
    this.#isSecond = true
    this.#verdicts.fill(NO_OPINION)
    for (const voices of this.#voices) voices.length = 0
    this.#ballots.length = 0
    this.ask(this.#client as Client, this.#filters)
  }

  /** Takes what the voter has answered in advance, and notes what it is to be asked about. */
  #prepare(voter: Voter): void {
    const open: number[] = []
    this.#filters.forEach((asked, place) => {
      const known = this.#standing?.isEmpty === true ? null : this.#foreseen(voter, asked)
      if (known !== null) this.#take(place, voter, known.source, 'ok', known.verdict)
      else if (voter.declares) open.push(place)
    })
    if (voter.hook === 'topicFiltering') {
      for (const place of open) this.#ballots.push({ voter, places: [place] })
    } else if (open.length > 0) this.#ballots.push({ voter, places: open })
  }

  #foreseen(voter: Voter, asked: Filter): Advance | null {
    const inquiry = this.inquiryOf(asked)
    return inquiry === null ? null : (this.#standing?.answerOf(voter, inquiry) ?? null)
  }

  #say(place: number, voter: Voter, outcome: Outcome, verdict: Verdict): void {
    if (outcome === 'ok' && isReusable(verdict) && !this.isTrial) {
      const inquiry = this.inquiryOf(this.#filters[place] as Filter)
      if (inquiry !== null) this.#standing?.remember(voter.plugin, inquiry, verdict, this.#askedAt)
    }
    this.#take(place, voter, 'crossing', outcome, verdict)
  }

  #take(place: number, voter: Voter, source: Source, outcome: Outcome, verdict: Verdict): void {
    this.#voices[place]?.push(voiceOf(voter, source, outcome, verdict, this.#askedAt))
    this.#verdicts[place] = mergeVerdicts(this.#verdicts[place] ?? NO_OPINION, verdict)
  }
}

const OUTDATED: Verdict = Object.freeze({
  verdict: 'deny',
  code: 0x87,
  note: 'taken back while it was answered, twice',
})
