import { createMessage } from '../codec/message.ts'
import type { Client } from '../session/client.ts'
import { NOBODY_ALLOWED } from './failure-policy.ts'
import { ALLOW } from './merge-verdicts.ts'
import { PublishQuestion } from './publish-question.ts'
import { ReceiveQuestion } from './receive-question.ts'
import { type DecidedFilter, SubscribeQuestion } from './subscribe-question.ts'
import type { TenantHooks } from './tenant-hooks.ts'
import type { Verdict } from './verdict.ts'
import type { Voice } from './voice.ts'

/** What is to be explained: whether a client may do this. */
export interface Doubt {
  readonly action: 'publish' | 'subscribe' | 'receive'
  /** A topic name; for subscribe a topic filter, without `$share/NAME/`. */
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  /** '': not a shared subscription. */
  readonly share: string
}

/** What plugins say of it now. */
export interface Opinion {
  readonly verdict: Verdict
  /** Empty: nobody is asked, the tenant's default decides. */
  readonly voices: readonly Voice[]
}

/**
 * Asks the tenant's plugins as if the client did it now: grants and remembered verdicts answer as they would,
 * the rest crosses. What the plugins publish or count meanwhile does not happen.
 */
export function askOpinion(hooks: TenantHooks, client: Client, doubt: Doubt): Promise<Opinion> {
  switch (doubt.action) {
    case 'publish':
      return askPublish(hooks, client, doubt)
    case 'subscribe':
      return askSubscribe(hooks, client, doubt)
    case 'receive':
      return askReceive(hooks, client, doubt)
  }
}

function askPublish(hooks: TenantHooks, client: Client, doubt: Doubt): Promise<Opinion> {
  const trial = new PublishTrial(client, messageOf(doubt, client))
  hooks.askPublish(trial)
  return trial.opinion
}

function askSubscribe(hooks: TenantHooks, client: Client, { topic, qos, share }: Doubt): Promise<Opinion> {
  const voters = hooks.subscribeVoters(client)
  if (voters.length === 0) return Promise.resolve({ verdict: hooks.byDefault, voices: [] })
  const trial = new SubscribeTrial(voters, 1)
  const options = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  trial.ask(client, [{ filter: topic, qos, ...options, ...(share === '' ? {} : { share }) }])
  return trial.opinion
}

function askReceive(hooks: TenantHooks, client: Client, doubt: Doubt): Promise<Opinion> {
  const trial = new ReceiveTrial(hooks, messageOf(doubt, null), [{ client, filter: doubt.topic }])
  trial.ask('live')
  return trial.opinion
}

/** A message of which nothing matters but what is asked about. */
function messageOf(
  { topic, qos, retain }: Doubt,
  publisher: Client | null,
): ReturnType<typeof createMessage> {
  return createMessage({ topic, payload: NO_PAYLOAD, qos, retain, publisher })
}

const NO_PAYLOAD = Buffer.alloc(0)

class PublishTrial extends PublishQuestion {
  override get isTrial(): boolean {
    return true
  }

  readonly #answer = Promise.withResolvers<Opinion>()

  get opinion(): Promise<Opinion> {
    return this.#answer.promise
  }

  protected override get keepsAll(): boolean {
    return true
  }

  protected override decided(verdict: Verdict): void {
    this.#answer.resolve({ verdict, voices: this.voices })
  }
}

class SubscribeTrial extends SubscribeQuestion {
  override get isTrial(): boolean {
    return true
  }

  readonly #answer = Promise.withResolvers<Opinion>()

  get opinion(): Promise<Opinion> {
    return this.#answer.promise
  }

  protected override settled([decided]: readonly DecidedFilter[]): void {
    this.#answer.resolve({ verdict: decided?.verdict ?? NOBODY_ALLOWED, voices: this.voicesOn(0) })
  }
}

class ReceiveTrial extends ReceiveQuestion {
  override get isTrial(): boolean {
    return true
  }

  readonly #answer = Promise.withResolvers<Opinion>()

  get opinion(): Promise<Opinion> {
    return this.#answer.promise
  }

  protected override decided(): void {
    const verdict = this.isAllowed(0) ? ALLOW : NOBODY_ALLOWED
    this.#answer.resolve({ verdict, voices: this.voicesOn(0) })
  }
}
