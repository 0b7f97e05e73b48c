import { createMessage } from '../codec/message.ts'
import type { Client } from '../session/client.ts'
import { NOBODY_ALLOWED } from './failure-policy.ts'
import { ALLOW } from './merge-verdicts.ts'
import { ReceiveQuestion } from './receive-question.ts'
import { type DecidedFilter, SubscribeQuestion } from './subscribe-question.ts'
import type { TenantHooks } from './tenant-hooks.ts'
import type { Verdict } from './verdict.ts'
import type { Voice } from './voice.ts'

/** What is to be explained: whether a client may do this. */
export interface Doubt {
  /** A topic name; for subscribe a topic filter, without `$share/NAME/`. */
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** '': not a shared subscription. */
  readonly share: string
}

/** A message as it goes out; of a subscription the filter that it is routed by. */
export interface Became {
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/** What plugins say of it now. */
export interface Opinion {
  readonly verdict: Verdict
  /** Empty: nobody is asked, the tenant's default decides. */
  readonly voices: readonly Voice[]
  /** What plugins make of it, or what of that is refused; null: it stays as it is; empty: a silent drop. */
  readonly becomes: readonly Became[] | null
}

/**
 * Asks the tenant's plugins as if the client subscribed now: grants and remembered verdicts answer as they
 * would, the rest crosses. What the plugins publish or count meanwhile does not happen.
 */
export function askSubscribe(hooks: TenantHooks, client: Client, doubt: Doubt): Promise<Opinion> {
  const { topic, qos, share } = doubt
  const voters = hooks.subscribeVoters(client)
  if (voters.length === 0) return Promise.resolve({ verdict: hooks.byDefault, voices: [], becomes: null })
  const trial = new SubscribeTrial(voters, doubt)
  const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  trial.ask(client, [{ filter: topic, qos, ...options, ...(share === '' ? {} : { share }) }])
  return trial.opinion
}

/** Likewise, as if the client received such a message. */
export function askReceive(hooks: TenantHooks, client: Client, doubt: Doubt): Promise<Opinion> {
  const { topic, qos, retain } = doubt
  const message = createMessage({ topic, payload: NO_PAYLOAD, qos, retain })
  const trial = new ReceiveTrial(hooks, message, [{ client, filter: topic }])
  trial.ask('live')
  return trial.opinion
}

/** It is not known which payload the message would have. */
const NO_PAYLOAD = Buffer.alloc(0)

/** @returns null: it is what was asked about. */
export function becameOf(asked: Became, outputs: readonly Became[]): readonly Became[] | null {
  const [only] = outputs
  const isSame =
    outputs.length === 1 &&
    only?.topic === asked.topic &&
    only.qos === asked.qos &&
    only.retain === asked.retain
  return isSame ? null : outputs.map(({ topic, qos, retain }) => ({ topic, qos, retain }))
}

class SubscribeTrial extends SubscribeQuestion {
  readonly #doubt: Doubt
  readonly #answer = Promise.withResolvers<Opinion>()

  constructor(voters: ConstructorParameters<typeof SubscribeQuestion>[0], doubt: Doubt) {
    super(voters, 1)
    this.#doubt = doubt
  }

  override get isTrial(): boolean {
    return true
  }

  get opinion(): Promise<Opinion> {
    return this.#answer.promise
  }

  protected override settled([decided = UNDECIDED]: readonly DecidedFilter[]): void {
    const { verdict, rewritten } = decided
    const { topic, qos, retain } = this.#doubt
    const most = (verdict.verdict === 'allow' ? verdict.maxQos : undefined) ?? 2
    const became = { topic: rewritten?.filter ?? topic, qos: qos < most ? qos : most, retain }
    const becomes = verdict.verdict === 'allow' ? becameOf(this.#doubt, [became]) : null
    this.#answer.resolve({ verdict, voices: this.voicesOn(0), becomes })
  }
}

const UNDECIDED: DecidedFilter = { verdict: NOBODY_ALLOWED, rewritten: null }

class ReceiveTrial extends ReceiveQuestion {
  readonly #answer = Promise.withResolvers<Opinion>()

  override get isTrial(): boolean {
    return true
  }

  get opinion(): Promise<Opinion> {
    return this.#answer.promise
  }

  protected override decided(): void {
    const isAllowed = this.isAllowed(0)
    const changed = this.changed(0)
    const becomes = isAllowed && changed !== null ? becameOf(this.message, [changed.message]) : null
    const verdict = isAllowed ? ALLOW : NOBODY_ALLOWED
    this.#answer.resolve({ verdict, voices: this.voicesOn(0), becomes })
  }
}
