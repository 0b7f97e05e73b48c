import type { Asker, CheckedVerdict, Outcome, WillVerdict } from '../../sandbox/index.ts'
import type { Message } from '../codec/message.ts'
import type { Client } from '../session/client.ts'
import { willText } from './event-text.ts'
import { fallbackVerdict } from './failure-policy.ts'
import { ALLOW, NO_OPINION } from './merge-verdicts.ts'
import { verdictOf, voiceOf } from './question.ts'
import type { TenantHooks, Voter } from './tenant-hooks.ts'
import type { Voice } from './voice.ts'
import { mergeWillVerdicts, type WillAnswer } from './will-verdict.ts'

/** A will, when it is left and when it is due. */
export interface AskedWill {
  readonly when: 'connect' | 'fire'
  readonly message: Message
  readonly delaySec: number
  /** False: it has been put off, or nothing is left that it could wait with. */
  readonly mayDefer: boolean
}

/** May this client leave this will; may it go out now? Who has no opinion leaves it to `authorizePublish`. */
export abstract class WillQuestion implements Asker {
  readonly client: Client
  readonly #will: AskedWill
  readonly #hooks: TenantHooks
  readonly #voters: readonly Voter[]
  readonly #voices: Voice[] = []
  #waiting: number
  #merged: WillAnswer = NO_OPINION
  #askedAt = 0

  constructor(hooks: TenantHooks, client: Client, will: AskedWill) {
    this.client = client
    this.#will = will
    this.#hooks = hooks
    this.#voters = hooks.will
    this.#waiting = this.#voters.length
  }

  /** Asks all who have a say. Where nobody has, it is allowed. */
  ask(): void {
    if (this.#voters.length === 0) return this.decided(ALLOW)
    const { when, message, delaySec } = this.#will
    this.#askedAt = performance.now()
    this.#voters.forEach(({ plugin, seesPayload }, slot) => {
      const event = willText(when, message, delaySec, seesPayload ? this.#hooks.payloadBytes : -1)
      plugin.ask('authorizeWill', this.client.subject, event, this, slot)
    })
  }

  answered(slot: number, outcome: Outcome, verdict: CheckedVerdict | null): void {
    const voter = this.#voters[slot] as Voter
    const said = this.#answerOf(voter, outcome, verdict)
    this.#voices.push(voiceOf(voter, 'crossing', outcome, said, this.#askedAt))
    this.#merged = mergeWillVerdicts(this.#merged, said)
    this.#waiting -= 1
    if (this.#waiting === 0) this.decided(this.#merged)
  }

  get voices(): readonly Voice[] {
    return this.#voices
  }

  /** @param answer of all together; a `defer` only where the will may be put off. */
  protected abstract decided(answer: WillAnswer): void

  #answerOf(voter: Voter, outcome: Outcome, verdict: CheckedVerdict | null): WillAnswer {
    if (outcome !== 'ok' || verdict === null || !isWillVerdict(verdict)) {
      return verdictOf(voter, outcome, verdict)
    }
    if (verdict.verdict !== 'defer') return verdict
    // a will that is only just being left is not due yet: there is nothing to be put off
    if (this.#will.when === 'connect') return fallbackVerdict(voter.onFault, voter.hook, 'bad-verdict')
    return this.#will.mayDefer ? verdict : ALLOW
  }
}

function isWillVerdict(verdict: CheckedVerdict): verdict is WillVerdict {
  return Object.hasOwn(OF_WILLS, verdict.verdict)
}

const OF_WILLS: Readonly<Record<WillVerdict['verdict'], true>> = {
  strip: true,
  suppress: true,
  set: true,
  defer: true,
}
