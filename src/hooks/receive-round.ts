import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Asker, CheckedPatch, CheckedVerdict, Outcome } from '../../sandbox/index.ts'
import type { Message } from '../codec/message.ts'
import type { Client } from '../session/client.ts'
import { messageText, topicFilteringText } from './event-text.ts'
import { messageInquiry } from './inquiry.ts'
import { PatchGroups } from './patch-groups.ts'
import { isReusable, verdictOf, voiceOf } from './question.ts'
import { standingOf } from './standing.ts'
import { originOf, type TenantHooks, type Voter } from './tenant-hooks.ts'
import type { Verdict } from './verdict.ts'
import type { Voice } from './voice.ts'

/** Why a message is about to be delivered. */
export type ReceiveCause = 'live' | 'retained' | 'queued' | 'shared'

/** One recipient: the client and the filter that brought it the message. */
export interface ReceiveTarget {
  readonly client: Client
  readonly filter: string
}

/** One recipient's merged answer; ordered, so that merging is taking the greater one. */
const Say = { nothing: 0, allow: 1, deny: 2 } as const
const SAY_OF = { abstain: Say.nothing, allow: Say.allow, deny: Say.deny, disconnect: Say.deny } as const

/** One question under way: who is asked, and about which targets. */
interface Ballot {
  readonly voter: Voter
  readonly places: readonly number[]
  outcome: Outcome
  answer: CheckedVerdict | null
}

/**
 * A question about delivering one message to a batch of recipients, put to the plugins once.
 * `authorizeReceive` is asked once for all in the batch that it has not answered in advance, `topicFiltering`
 * once a recipient.
 */
export abstract class ReceiveRound implements Asker {
  protected readonly hooks: TenantHooks
  protected readonly message: Message
  protected readonly targets: readonly ReceiveTarget[]
  /** The change that has led to this message; null: it is as it was published. */
  readonly #made: CheckedPatch | null
  readonly #said: Uint8Array
  /** By slot. */
  readonly #ballots: Ballot[] = []
  #patches: PatchGroups | null = null
  #cause: ReceiveCause = 'live'
  #waiting = 0
  #askedAt = 0

  constructor(
    hooks: TenantHooks,
    message: Message,
    targets: readonly ReceiveTarget[],
    made: CheckedPatch | null = null,
  ) {
    this.hooks = hooks
    this.message = message
    this.targets = targets
    this.#made = made
    this.#said = new Uint8Array(targets.length)
  }

  /** All have answered. @param patches what plugins want changed, for recipients that are allowed or not. */
  protected abstract ended(cause: ReceiveCause, patches: PatchGroups | null): void

  /** Asked to be explained: what is said leaves no trace, not even in memory. */
  get isTrial(): boolean {
    return false
  }

  /** @param place a target's. */
  isAllowed(place: number): boolean {
    return this.#said[place] === Say.allow
  }

  protected refuse(place: number): void {
    this.#said[place] = Say.deny
  }

  /** Who said what of one target; looked up, since a delivery that is refused is rare. */
  voicesOn(place: number): readonly Voice[] {
    const message = messageInquiry('receive', this.message)
    const { client } = this.targets[place] as ReceiveTarget
    const crossed = this.#ballots
      .filter(({ places }) => places.includes(place))
      .map(({ voter, places, outcome, answer }) => {
        const index = places.indexOf(place)
        const verdict = { ...verdictsOn(voter, outcome, answer)(index), ...noteOfPatch(answer, index) }
        return voiceOf(voter, 'crossing', outcome, verdict, this.#askedAt)
      })
    const foreseen = this.hooks.receiveVoters(client).flatMap((voter) => {
      const known = standingOf(client).answerOf(voter, message)
      const asked = this.#ballots.some((ballot) => ballot.voter === voter && ballot.places.includes(place))
      return known === null || asked ? [] : [voiceOf(voter, known.source, 'ok', known.verdict, 0)]
    })
    return [...foreseen, ...crossed]
  }

  ask(cause: ReceiveCause): void {
    this.#askedAt = performance.now()
    this.#cause = cause
    const { receive } = this.hooks
    const all = this.targets.map((_, place) => place)
    if (receive.length > 0 && this.targets.every(({ client }) => client.standing.isEmpty)) {
      // nobody has said anything in advance of anyone here, as a rule: all are asked about all
      for (const voter of receive) this.#prepare(voter, all)
    } else {
      const open = this.#foresee()
      for (const voter of receive) this.#prepare(voter, open.get(voter) ?? [])
    }
    // all are known before the first is asked: an answer within the question must not be taken for the last
    this.#waiting = this.#ballots.length
    if (this.#waiting === 0) return this.ended(cause, null)
    const { publisher } = this.message
    // who published chose what the plugins see, whoever receives it
    const source = publisher?.subject?.source
    const origin = source === undefined ? originOf(this.message) : { ...originOf(this.message), source }
    this.#ballots.forEach(({ voter, places }, slot) => {
      const single = voter.hook === 'topicFiltering'
      const subject = single ? (this.targets[places[0] as number] as ReceiveTarget).client.subject : null
      const event = single
        ? topicFilteringText(this.message.topic, 'receive', this.message.qos)
        : this.#batchText(voter, places)
      voter.plugin.ask(voter.hook, subject, event, this, slot, origin)
    })
  }

  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const ballot = this.#ballots[slot] as Ballot
    const { voter, places } = ballot
    const isLie = verdict?.verdict === 'recipients' && !this.#fits(verdict, places.length)
    ballot.outcome = isLie ? 'bad-verdict' : outcome
    ballot.answer = isLie ? null : verdict
    const verdictAt = verdictsOn(voter, ballot.outcome, ballot.answer)
    places.forEach((place, index) => {
      const said = verdictAt(index)
      if (outcome === 'ok' && isReusable(said) && !this.isTrial) this.#remember(voter, place, said)
      this.#say(place, said)
    })
    if (ballot.answer?.verdict === 'recipients') this.#takeGroups(ballot.answer, places)
    if (--this.#waiting === 0) this.ended(this.#cause, this.#patches)
  }

  /** A change does not allow anything: it holds for those of its targets that are allowed. */
  #takeGroups({ groups = [] }: Recipients, places: readonly number[]): void {
    if (groups.length === 0 || this.#made !== null) return
    this.#patches ??= new PatchGroups(this.targets.length)
    for (const { targets, patch } of groups) {
      this.#patches.add(
        patch,
        targets.map((index) => places[index] as number),
      )
    }
  }

  /** Who is named is in the batch; and what has been changed once is not changed to something else. */
  #fits({ except, groups = [] }: Recipients, count: number): boolean {
    const isKnown = (list: readonly number[]): boolean => list.every((index) => index < count)
    const isMade = (patch: CheckedPatch): boolean =>
      this.#made === null || isDeepStrictEqual(patch, this.#made)
    return (
      isKnown(except) &&
      groups.every(({ targets, patch }) => targets.length === 0 || (isKnown(targets) && isMade(patch)))
    )
  }

  /**
   * What is known in advance of each: grants of those who have some, verdicts that may be reused. What nobody
   * decides, the tenant's default does.
   *
   * @returns whom else each has to be asked about, by place.
   */
  #foresee(): ReadonlyMap<Voter, readonly number[]> {
    const open = new Map<Voter, number[]>()
    const inquiry = messageInquiry('receive', this.message)
    this.targets.forEach(({ client }, place) => {
      const voters = this.hooks.receiveVoters(client)
      if (voters.length === 0) this.#say(place, this.hooks.byDefault)
      for (const voter of voters) {
        const known = client.standing.isEmpty ? null : standingOf(client).answerOf(voter, inquiry)
        if (known !== null) this.#say(place, known.verdict)
        else listOf(open, voter).push(place)
      }
    })
    return open
  }

  #prepare(voter: Voter, open: readonly number[]): void {
    if (open.length === 0) return
    const batches = voter.hook === 'topicFiltering' ? open.map((place) => [place]) : [open]
    for (const places of batches) this.#ballots.push({ voter, places, outcome: 'ok', answer: null })
  }

  #batchText(voter: Voter, places: readonly number[]): string {
    const recipients = places.map((place) => targetText(this.targets[place] as ReceiveTarget)).join()
    const text = messageText(this.message, voter.seesPayload ? this.hooks.payloadBytes : -1)
    return `{"message":${text},"cause":"${this.#cause}","targets":[${recipients}]}`
  }

  #remember({ plugin }: Voter, place: number, verdict: Verdict): void {
    const { client } = this.targets[place] as ReceiveTarget
    standingOf(client).remember(plugin, messageInquiry('receive', this.message), verdict, this.#askedAt)
  }

  #say(place: number, { verdict }: Verdict): void {
    const say = SAY_OF[verdict]
    if (say > (this.#said[place] ?? 0)) this.#said[place] = say
  }
}

function listOf(lists: Map<Voter, number[]>, voter: Voter): number[] {
  const list = lists.get(voter) ?? []
  if (list.length === 0) lists.set(voter, list)
  return list
}

type Recipients = Extract<CheckedVerdict, { verdict: 'recipients' }>

/** What an answer for a batch says of each of them, by its index. */
function verdictsOn(
  voter: Voter,
  outcome: Outcome,
  answer: CheckedVerdict | null,
): (index: number) => Verdict {
  if (outcome !== 'ok' || answer?.verdict !== 'recipients') {
    const single = verdictOf(voter, outcome, answer)
    return () => single
  }
  const rest: Verdict = { verdict: answer.default }
  const exception: Verdict = { verdict: answer.default === 'allow' ? 'deny' : 'allow' }
  const except = new Set(answer.except)
  return (index) => (except.has(index) ? exception : rest)
}

/** What an answer wants changed for one recipient, in words. */
function noteOfPatch(answer: CheckedVerdict | null, index: number): { readonly note?: string } {
  if (answer?.verdict !== 'recipients') return {}
  const patches = (answer.groups ?? []).filter(({ targets }) => targets.includes(index))
  if (patches.length === 0) return {}
  return { note: patches.map(({ patch }) => `changes ${textOfPatch(patch)}`).join(', ') }
}

/** A payload is told of by a digest: two that differ do so here, and nobody reads it in a log. */
function textOfPatch({ topic, payload, qos, retain, properties }: CheckedPatch): string {
  const digest = payload && hash('sha256', payload).slice(0, 8)
  const parts = { topic, payload: payload && `${payload.length} bytes, ${digest}`, qos, retain, properties }
  return JSON.stringify(parts)
}

function targetText(target: ReceiveTarget): string {
  return `{"client":${target.client.json},"filter":${JSON.stringify(target.filter)}}`
}
