import { ReasonCode } from '../codec/reason-code.ts'
import { rewrite } from '../router/rewriting.ts'
import { type ParsedFilter, parseFilter } from '../router/topic-filter.ts'
import type { Client } from '../session/client.ts'
import { topicFilteringText } from './event-text.ts'
import { NOBODY_ALLOWED } from './failure-policy.ts'
import { FiltersQuestion } from './filters-question.ts'
import type { Inquiry } from './inquiry.ts'
import { mergeVerdicts } from './merge-verdicts.ts'
import type { Voter } from './tenant-hooks.ts'
import type { Deny, Verdict } from './verdict.ts'
import type { Voice } from './voice.ts'

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

/** What was decided of one filter. */
export interface DecidedFilter {
  /** Never an abstention. */
  readonly verdict: Verdict
  /** Where it is allowed for another filter: that one, as it is to be routed. */
  readonly rewritten: ParsedFilter | null
}

/** A filter that was allowed for another one, which has to be asked about. */
interface Rewritten {
  readonly place: number
  readonly to: ParsedFilter
}

/** The filters of a SUBSCRIBE, put to the plugins once. */
abstract class SubscribeRound extends FiltersQuestion<AskedFilter> {
  protected override eventText({ hook }: Voter, filters: readonly AskedFilter[]): string {
    if (hook !== 'topicFiltering') return JSON.stringify({ filters })
    const [{ filter, qos }] = filters as [AskedFilter]
    return topicFilteringText(filter, 'subscribe', qos)
  }

  protected override inquiryOf({ filter, qos, share = '' }: AskedFilter): Inquiry {
    return { action: 'subscribe', topic: filter, qos, retain: false, share }
  }
}

/**
 * A SUBSCRIBE's question, in two rounds: what plugins rewrite is authorised again in its new form, so that a
 * rewrite leads nobody past a check. It must be allowed then as it is: a second rewrite is refused, or two
 * plugins could send a filter round for ever.
 */
export abstract class SubscribeQuestion extends SubscribeRound {
  readonly #voters: readonly Voter[]
  #client: Client | null = null
  #filters: readonly AskedFilter[] = []
  #rewritten: readonly Rewritten[] = []
  #again: RewrittenQuestion | null = null

  constructor(voters: readonly Voter[], filterCount: number) {
    super(voters, filterCount)
    this.#voters = voters
  }

  override ask(client: Client, filters: readonly AskedFilter[]): void {
    this.#client = client
    this.#filters = filters
    super.ask(client, filters)
  }

  override voicesOn(place: number): readonly Voice[] {
    const index = this.#rewritten.findIndex((each) => each.place === place)
    return [...super.voicesOn(place), ...(index < 0 ? [] : (this.#again?.voicesOn(index) ?? []))]
  }

  /** @param filters one each, in the packet's order. */
  protected abstract settled(filters: readonly DecidedFilter[]): void

  protected override decided(verdicts: readonly Verdict[]): void {
    const decided = verdicts.map((verdict, place) => this.#applied(verdict, place))
    this.#rewritten = decided.flatMap(({ rewritten }, place) =>
      rewritten === null ? [] : [{ place, to: rewritten }],
    )
    // who has lost its connection over one filter is not asked about another
    const isOver = decided.some(({ verdict }) => verdict.verdict === 'disconnect')
    if (this.#client === null || this.#rewritten.length === 0 || isOver) return this.settled(decided)
    this.#again = new RewrittenQuestion(this.#voters, this.#rewritten.length, (second) => {
      this.#rewritten.forEach(({ place, to }, index) => {
        const verdict = secondly(verdicts[place] ?? NOBODY_ALLOWED, second[index] ?? NOBODY_ALLOWED, to)
        decided[place] = { verdict, rewritten: verdict.verdict === 'allow' ? to : null }
      })
      this.settled(decided)
    })
    this.#again.ask(
      this.#client,
      this.#rewritten.map(({ place, to }) => ({
        ...(this.#filters[place] as AskedFilter),
        filter: to.filter,
      })),
    )
  }

  #applied(verdict: Verdict, place: number): DecidedFilter {
    const { filter, share } = this.#filters[place] as AskedFilter
    const rewriteTo = verdict.verdict === 'allow' ? verdict.rewriteTo : undefined
    if (rewriteTo === undefined || rewriteTo === filter) return { verdict, rewritten: null }
    const asked = parseFilter(share === undefined ? filter : `$share/${share}/${filter}`)
    const rewritten = 'refusal' in asked ? asked : rewrite(asked, rewriteTo)
    if (!('refusal' in rewritten)) return { verdict, rewritten }
    return { verdict: unfit(`rewriteTo: ${rewritten.refusal}`), rewritten: null }
  }
}

/** The second round. */
class RewrittenQuestion extends SubscribeRound {
  readonly #then: (verdicts: readonly Verdict[]) => void

  constructor(voters: readonly Voter[], filterCount: number, then: (verdicts: readonly Verdict[]) => void) {
    super(voters, filterCount)
    this.#then = then
  }

  protected override decided(verdicts: readonly Verdict[]): void {
    this.#then(verdicts)
  }
}

/** What both rounds ask of the broker holds: the lower QoS, the longer throttling. */
function secondly(first: Verdict, second: Verdict, to: ParsedFilter): Verdict {
  if (first.verdict !== 'allow' || second.verdict !== 'allow') return second
  const { rewriteTo: _first, ...allowed } = first
  const { rewriteTo, ...again } = second
  if (rewriteTo === undefined || rewriteTo === to.filter) return mergeVerdicts(allowed, again)
  return unfit('rewriteTo: what a rewritten filter is rewritten to again is not followed')
}

/** A rewrite that cannot be done: the plugin's mistake, so the log is told and the client is not. */
function unfit(note: string): Deny {
  return { verdict: 'deny', code: ReasonCode.implementationSpecificError, note }
}
