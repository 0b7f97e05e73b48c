import type { Message } from '../codec/message.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { whyOf } from '../hooks/why.ts'
import type { Voice } from '../hooks/voice.ts'
import type { Session } from '../session/session.ts'
import { explain, type Explanation, type ClientDoubt } from './explain.ts'
import type { MqttSettings, Realm, Refused } from './ports.ts'
import { toldOf } from './told.ts'

/** What is kept of a refusal. */
export interface KeptRefusal {
  readonly tenant: string
  readonly client: string
  readonly action: string
  readonly topic: string
  readonly allowed: boolean
  readonly reasonCode: number
  readonly reason: string
  readonly detail: string
  /** Whose word won, over whose, and why. */
  readonly why: string
  readonly told: string
  readonly voices: readonly Voice[]
}

/** A refused delivery as the log tells of it. */
export interface RefusedDelivery {
  readonly tenant: string
  readonly client: string
  readonly topic: string
  /** The id under which it is kept. */
  readonly decision: string
}

/** Where refusals are kept. */
export interface RefusalKeeper<Kept> {
  /** @returns the id under which it is found. */
  add(refusal: KeptRefusal): string
  of(tenant: string, about: { readonly client: string }): readonly Kept[]
}

/** An explanation, and what the client was refused before. */
export interface Explained<Kept> {
  readonly tenant: string
  readonly asked: ClientDoubt
  /** Null: the tenant has no session of that client. */
  readonly now: Explanation | null
  /** The newest first. */
  readonly refusals: readonly Kept[]
}

/** Where refusals are written down, and questions about them answered. */
export class DecisionDesk<Kept> {
  readonly #keeper: RefusalKeeper<Kept>
  readonly #mqtt: MqttSettings
  readonly #listed: number

  /** @param listed how many refusals one answer has. */
  constructor(keeper: RefusalKeeper<Kept>, mqtt: MqttSettings, listed: number) {
    this.#keeper = keeper
    this.#mqtt = mqtt
    this.#listed = listed
  }

  /** @returns the id of what was written down; undefined: no tenant is concerned. */
  refused(what: Refused): string | undefined {
    const { realm, clientId, action, version, qos, reasonCode, heard, voices = [] } = what
    if (realm === undefined) return undefined
    const { onRefusedPublish } = this.#mqtt
    return this.#keeper.add({
      tenant: realm,
      client: clientId,
      action,
      topic: what.topic ?? '',
      allowed: false,
      reasonCode,
      reason: what.reason ?? '',
      detail: what.detail,
      why: whyOf({ verdict: heard === 'disconnect' ? heard : 'deny', note: what.detail }, voices),
      told: toldOf({ action, version, qos, heard, onRefusedPublish }, reasonCode),
      voices,
    })
  }

  /** A delivery that was refused, which nobody is told of. @returns what was written down, for the log. */
  notReceived(
    tenant: string,
    { client }: Session,
    { topic }: Message,
    voices: readonly Voice[],
  ): RefusedDelivery {
    const { protocolVersion: version, clientId } = client
    const { onRefusedPublish } = this.#mqtt
    const reasonCode = ReasonCode.notAuthorized
    const decision = this.#keeper.add({
      tenant,
      client: clientId,
      action: 'receive',
      topic,
      allowed: false,
      reasonCode,
      reason: '',
      detail: '',
      why: whyOf({ verdict: 'deny' }, voices),
      told: toldOf({ action: 'receive', version, onRefusedPublish }, reasonCode),
      voices,
    })
    return { tenant, client: clientId, topic, decision }
  }

  /** @returns `invalid`: the topic is none; undefined: neither a session nor a refusal of it is known. */
  async explain(realm: Realm, asked: ClientDoubt): Promise<Explained<Kept> | 'invalid' | undefined> {
    const now = await explain({ mqtt: this.#mqtt }, realm, asked)
    if (now === 'invalid') return now
    const refusals = this.#keeper.of(realm.name, { client: asked.client }).slice(0, this.#listed)
    if (now === null && refusals.length === 0) return undefined
    return { tenant: realm.name, asked, now, refusals }
  }
}
