import { DECISION_TEXT_CHARS, DECISIONS_PER_TENANT } from '../base/limits.ts'
import { RingBuffer } from '../base/ring-buffer.ts'

/** What one plugin said to a question. */
export interface DecisionVoice {
  readonly plugin: string
  readonly version: string
  readonly hook: string
  /** The plugin itself (`crossing`), what it said before (`cache`), or its grants. */
  readonly source: string
  /** Other than `ok`: the failure policy has answered in its place. */
  readonly outcome: string
  /** As it was checked: its word, and what else it said. */
  readonly verdict: {
    readonly verdict: string
    readonly code?: number
    readonly reason?: string
    readonly note?: string
  }
  /** How long the answer took, in microseconds; in advance: 0. */
  readonly micros: number
}

/** A question, who said what to it, and what came of it. */
export interface Decision {
  /** As in the refusal's log line. */
  readonly id: string
  /** In ms since the epoch. */
  readonly at: number
  readonly tenant: string
  readonly client: string
  readonly action: string
  /** The topic name or filter, where the action has one. */
  readonly topic: string
  readonly allowed: boolean
  /** 0 where it was allowed. */
  readonly reasonCode: number
  /** What the client was told beside the code; '': nothing. */
  readonly reason: string
  /** For the operator alone. */
  readonly detail: string
  /** Whose word won, over whose, and why. */
  readonly why: string
  /** How the client was told, in words. */
  readonly told: string
  /** Empty: no plugin was asked. */
  readonly voices: readonly DecisionVoice[]
}

/** Which of a tenant's decisions are wanted; what is absent matters not. */
export interface DecisionFilter {
  readonly client?: string | undefined
  readonly action?: string | undefined
  readonly topic?: string | undefined
}

/**
 * The newest refusals of each tenant, to be looked up by the id that their log line has. Of each tenant as
 * many as of any other, so that nobody writes a neighbour's out.
 */
export class DecisionJournal {
  readonly #byTenant = new Map<string, RingBuffer<Decision>>()
  readonly #prefix: string
  #count = 0

  /** @param prefix tells ids of this run from those of the last one. */
  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** @returns the id under which it is found, as long as it is kept. */
  add(decision: Omit<Decision, 'id' | 'at'>): string {
    this.#count += 1
    const id = `${this.#prefix}-${this.#count.toString(36)}`
    let own = this.#byTenant.get(decision.tenant)
    if (own === undefined) {
      own = new RingBuffer<Decision>(DECISIONS_PER_TENANT)
      this.#byTenant.set(decision.tenant, own)
    }
    if (own.length === DECISIONS_PER_TENANT) own.shift()
    own.push({
      ...decision,
      client: short(decision.client),
      topic: short(decision.topic),
      detail: short(decision.detail),
      why: short(decision.why),
      id,
      at: Date.now(),
    })
    return id
  }

  find(id: string): Decision | undefined {
    for (const own of this.#byTenant.values()) {
      const found = listOf(own).find((decision) => decision.id === id)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The newest first. */
  of(tenant: string, { client, action, topic }: DecisionFilter = {}): readonly Decision[] {
    const own = this.#byTenant.get(tenant)
    if (own === undefined) return []
    return listOf(own)
      .filter(
        (decision) =>
          (client === undefined || decision.client === short(client)) &&
          (action === undefined || decision.action === action) &&
          (topic === undefined || decision.topic === short(topic)),
      )
      .toReversed()
  }
}

function listOf(own: RingBuffer<Decision>): Decision[] {
  const list: Decision[] = []
  for (let place = 0; place < own.length; place += 1) {
    const decision = own.at(place)
    if (decision !== undefined) list.push(decision)
  }
  return list
}

/** A topic may have 65,535 bytes, and a stranger chooses it. */
function short(text: string): string {
  return text.length <= DECISION_TEXT_CHARS ? text : `${text.slice(0, DECISION_TEXT_CHARS)}…`
}
