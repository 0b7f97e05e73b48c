import type { Asker, CheckedVerdict, Outcome, TransformVerdict } from '../../sandbox/index.ts'
import { TRANSFORM_BYTES, TRANSFORM_BYTES_PER_TENANT, TRANSFORM_OUTPUTS } from '../base/limits.ts'
import type { Message } from '../codec/message.ts'
import { lowerMessage, type MessagePatch, patchMessage } from '../codec/patch-message.ts'
import type { QoS } from '../codec/packet-type.ts'
import type { Client } from '../session/client.ts'
import { mergeVerdicts, NO_OPINION } from './merge-verdicts.ts'
import { verdictOf, voiceOf } from './question.ts'
import type { TenantHooks, Voter } from './tenant-hooks.ts'
import type { Deny, Verdict } from './verdict.ts'
import type { Voice } from './voice.ts'

/** What no transform may raise: what the broker offers, and what was allowed of the original. */
export interface Ceiling {
  readonly maxQos: QoS
  readonly mayRetain: boolean
}

/** A transform's answer: an operation, or a verdict that lets the message pass or refuses it. */
type TransformAnswer = TransformVerdict | Verdict

/**
 * What is to become of a message? Asked of one plugin after the other, in the declared order; each sees what
 * the one before it has left, and nobody a message that it made itself.
 */
export abstract class TransformQuestion implements Asker {
  readonly hooks: TenantHooks
  readonly client: Client
  readonly #ceiling: Ceiling
  readonly #transformers: readonly Voter[]
  readonly #voices: Voice[] = []
  /** Which of the transformers is being asked. */
  #stage = -1
  #messages: readonly Message[]
  /** What has become of each of the messages at this stage. */
  #left: (readonly Message[])[] = []
  #waiting = 0
  #refusal: Verdict = NO_OPINION
  /** What plugins have put into messages, in bytes: as long as these wait, they are the broker's to hold. */
  #madeBytes = 0
  #askedAt = 0

  constructor(hooks: TenantHooks, client: Client, message: Message, ceiling: Ceiling) {
    this.hooks = hooks
    this.client = client
    this.#messages = [message]
    this.#ceiling = ceiling
    this.#transformers = hooks.transformersOf(message)
  }

  /** Asks the first one. */
  ask(): void {
    this.#next()
  }

  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const voter = this.#transformers[this.#stage] as Voter
    const answer: TransformAnswer =
      outcome === 'ok' && verdict?.verdict === 'transform' ? verdict : verdictOf(voter, outcome, verdict)
    this.#voices.push(voiceOf(voter, 'crossing', outcome, answer, this.#askedAt))
    this.#left[slot] = this.#outputsOf(answer, this.#messages[slot] as Message)
    this.#waiting -= 1
    if (this.#waiting > 0) return
    const messages = this.#left.flat()
    const isTooMuch = messages.length > TRANSFORM_OUTPUTS || this.#madeBytes > TRANSFORM_BYTES
    const isFull = this.hooks.transformedBytes > TRANSFORM_BYTES_PER_TENANT
    const refusal = isTooMuch ? TOO_MUCH : isFull ? FULL : this.#refusal
    if (refusal !== NO_OPINION) {
      this.release()
      return this.refused(refusal)
    }
    this.#messages = messages
    this.#next()
  }

  /** Asked to be explained: what becomes of it does not happen. */
  get isTrial(): boolean {
    return false
  }

  /** Nothing that plugins have made here waits any more: it went out, or was refused. */
  release(): void {
    this.hooks.transformedBytes -= this.#madeBytes
    this.#madeBytes = 0
  }

  get voices(): readonly Voice[] {
    return this.#voices
  }

  /** All have been asked: these are to go out; none, where all were dropped in silence. */
  protected abstract transformed(outputs: readonly Message[]): void

  /** Somebody refused: nothing goes out. */
  protected abstract refused(refusal: Verdict): void

  /** A plugin dropped this one. */
  protected abstract dropped(message: Message): void

  #next(): void {
    this.#stage += 1
    const voter = this.#transformers[this.#stage]
    const messages = this.#messages
    if (voter === undefined || messages.length === 0) return this.transformed(messages)
    this.#waiting = messages.length
    this.#left = []
    this.#askedAt = performance.now()
    messages.forEach((message, slot) => this.hooks.askTransform(voter, this.client, message, this, slot))
  }

  #outputsOf(answer: TransformAnswer, message: Message): readonly Message[] {
    switch (answer.verdict) {
      case 'transform':
        return this.#perform(answer, message)
      case 'allow':
      case 'abstain':
        return [message]
      case 'deny':
      case 'disconnect':
        return this.#refuse(answer)
    }
  }

  #perform(operation: TransformVerdict, message: Message): readonly Message[] {
    switch (operation.op) {
      case 'pass':
        return [message]
      case 'patch':
        return [this.#patched(message, operation.patch)]
      case 'replace':
        if (operation.with.length === 0) this.dropped(message)
        return operation.with.map((each) => this.#patched(message, each))
      case 'drop':
        this.dropped(message)
        return operation.ack === 'silent' ? [] : this.#refuse(DROPPED)
    }
  }

  #patched(message: Message, patch: MessagePatch): Message {
    const patched = patchMessage(message, patch, Date.now())
    lowerMessage(patched, this.#ceiling.maxQos, this.#ceiling.mayRetain)
    const properties = patch.properties === undefined ? 0 : patched.propertyEnd - patched.propertyStart
    const bytes = (patch.payload?.length ?? 0) + properties
    this.#madeBytes += bytes
    this.hooks.transformedBytes += bytes
    return patched
  }

  #refuse(refusal: Verdict): readonly Message[] {
    this.#refusal = mergeVerdicts(this.#refusal, refusal)
    return []
  }
}

/** What a drop tells its publisher, where it is not silent. */
const DROPPED: Deny = Object.freeze({ verdict: 'deny', code: 0x87, note: 'a plugin dropped it' })
const TOO_MUCH: Deny = Object.freeze({
  verdict: 'deny',
  code: 0x97,
  note: `plugins made more than ${TRANSFORM_OUTPUTS} messages, or ${TRANSFORM_BYTES} bytes, of one`,
})
const FULL: Deny = Object.freeze({
  verdict: 'deny',
  code: 0x97,
  note: `more than ${TRANSFORM_BYTES_PER_TENANT} bytes that plugins put into messages wait to go out`,
})
