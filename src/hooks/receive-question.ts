import type { Asker, CheckedVerdict, Outcome } from '../../sandbox/index.ts'
import type { Message } from '../codec/message.ts'
import type { Client } from '../session/client.ts'
import { messageText, topicFilteringText } from './event-text.ts'
import { verdictOf } from './question.ts'
import { originOf, type TenantHooks, type Voter } from './tenant-hooks.ts'

/** Why a message is about to be delivered. */
export type ReceiveCause = 'live' | 'retained' | 'queued' | 'shared'

/** One recipient: the client and the filter that brought it the message. */
export interface ReceiveTarget {
  readonly client: Client
  readonly filter: string
}

/** One recipient's merged answer; ordered, so that merging is taking the greater one. */
const Say = { nothing: 0, allow: 1, deny: 2 } as const

/**
 * A delivery's question: may these recipients have this message? `authorizeReceive` is asked once for the
 * batch, `topicFiltering` once a recipient. A refusal is silent for the client; it is counted and explained.
 */
export abstract class ReceiveQuestion implements Asker {
  readonly #voters: readonly Voter[]
  readonly #said: Uint8Array
  #waiting = 0

  constructor(voters: readonly Voter[], targetCount: number) {
    this.#voters = voters
    this.#said = new Uint8Array(targetCount)
  }

  /** @param allowed asks of one target, by its place. */
  protected abstract decided(allowed: (place: number) => boolean): void

  ask(hooks: TenantHooks, message: Message, cause: ReceiveCause, targets: readonly ReceiveTarget[]): void {
    for (const voter of this.#voters) this.#waiting += voter.hook === 'topicFiltering' ? targets.length : 1
    const recipients = targets.map(targetText).join()
    // who published chose what the plugins see, whoever receives it
    const source = message.publisher?.subject?.source
    const origin = source === undefined ? originOf(message) : { ...originOf(message), source }
    this.#voters.forEach((voter, index) => {
      const first = index * (targets.length + 1)
      if (voter.hook !== 'topicFiltering') {
        const text = messageText(message, voter.seesPayload ? hooks.payloadBytes : -1)
        const event = `{"message":${text},"cause":"${cause}","targets":[${recipients}]}`
        voter.plugin.ask(voter.hook, null, event, this, first, origin)
        return
      }
      targets.forEach((target, place) => {
        const event = topicFilteringText(message.topic, 'receive', message.qos)
        voter.plugin.ask('topicFiltering', target.client.subject, event, this, first + 1 + place, origin)
      })
    })
  }

  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const count = this.#said.length
    const place = slot % (count + 1)
    const voter = this.#voters[Math.floor(slot / (count + 1))] as Voter
    if (place > 0) this.#say(place - 1, SAY_OF[verdictOf(voter, outcome, verdict).verdict])
    else this.#sayAll(voter, outcome, verdict)
    if (--this.#waiting === 0) this.decided((target) => this.#said[target] === Say.allow)
  }

  #sayAll(voter: Voter, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const count = this.#said.length
    if (outcome === 'ok' && verdict?.verdict === 'recipients') {
      if (verdict.except.some((place) => place >= count)) {
        this.#sayAll(voter, 'bad-verdict', null)
        return
      }
      const rest = SAY_OF[verdict.default]
      const exception = verdict.default === 'allow' ? Say.deny : Say.allow
      const except = new Set(verdict.except)
      for (let i = 0; i < count; i++) this.#say(i, except.has(i) ? exception : rest)
      return
    }
    const say = SAY_OF[verdictOf(voter, outcome, verdict).verdict]
    for (let i = 0; i < count; i++) this.#say(i, say)
  }

  #say(place: number, say: number): void {
    if (say > (this.#said[place] ?? 0)) this.#said[place] = say
  }
}

const SAY_OF = { abstain: Say.nothing, allow: Say.allow, deny: Say.deny, disconnect: Say.deny } as const

function targetText(target: ReceiveTarget): string {
  return `{"client":${target.client.json},"filter":${JSON.stringify(target.filter)}}`
}
