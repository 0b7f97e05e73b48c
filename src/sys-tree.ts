import { SESSIONS_PER_LOOK } from './base/limits.ts'
import { Headcount, Traffic } from './base/traffic.ts'
import { VERSION } from './base/version.ts'
import type { Steps } from './base/work-turns.ts'
import { createMessage, detach, type Message } from './codec/message.ts'
import { deliver } from './delivery/deliver.ts'
import type { DeliveryRealm } from './delivery/ports.ts'
import type { RetainedStore } from './engine/engine.ts'
import { type Holdings, SysTopics } from './observe/sys-topics.ts'
import type { Quotas } from './session/quotas.ts'
import type { Session } from './session/session.ts'

/** A tenant as far as its tree goes. */
export interface SysRealm extends DeliveryRealm {
  readonly traffic: Traffic
  readonly headcount: Headcount
  readonly sessions: ReadonlyMap<string, Session>
  readonly quotas: Quotas
}

/** What the tree is made of. */
export interface SysSources {
  readonly realms: ReadonlyMap<string, SysRealm>
  readonly retained: RetainedStore<Message>
}

const NOTHING: Holdings = {
  sessions: 0,
  subscriptions: 0,
  shared: 0,
  retained: 0,
  waiting: 0,
  waitingBytes: 0,
}

/** The tenant that may read of the whole broker. */
const OPERATOR = 'default'

/**
 * Publishes, now and then, what mosquitto publishes below `$SYS/broker`: to the operator's own tenant of the
 * whole broker, and to each tenant, below `$SYS/tenant`, of itself. It is retained, so that whoever
 * subscribes has it at once, and is no part of the tenant's quota; what has not changed is not said again.
 */
export class SysTree {
  readonly #sources: SysSources
  readonly #startedAt = performance.now()
  readonly #topics = new SysTopics('$SYS/broker')
  readonly #tenants = new Map<string, { readonly topics: SysTopics; holdings: Holdings; lastAt: number }>()
  #timer: NodeJS.Timeout | undefined
  #lastAt = performance.now()
  /** Of connections whose tenant is not known yet. */
  readonly newcomers: Traffic = new Traffic()
  /** Clients of all tenants. */
  readonly #clients = new Headcount()

  constructor(sources: SysSources) {
    this.#sources = sources
  }

  /** @param intervalSec 0: nothing is published. */
  start(intervalSec: number): void {
    if (intervalSec === 0) return
    this.#timer = setInterval(() => this.publish(), intervalSec * 1000).unref()
    this.publish()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** A client of a tenant was admitted. */
  came(tenant: string): void {
    this.#clients.came()
    const realm = this.#sources.realms.get(tenant)
    if (realm === undefined) return
    realm.headcount.came()
    realm.traffic.connections += 1
  }

  left(tenant: string): void {
    this.#clients.left()
    this.#sources.realms.get(tenant)?.headcount.left()
  }

  /** A message did not reach a subscriber for want of room, time or speed. */
  dropped(tenant: string): void {
    const realm = this.#sources.realms.get(tenant)
    if (realm !== undefined) realm.traffic.publishesDropped += 1
  }

  /** Says what has changed since the last time. */
  publish(): void {
    const { realms } = this.#sources
    for (const realm of realms.values()) {
      // of whom nobody has heard yet there is nothing to say
      if (realm.traffic.connections > 0) realm.turns.run(realm.name, this.#publishTenant(realm))
    }
    const operator = realms.get(OPERATOR)
    if (operator !== undefined) this.#publishBroker(operator)
  }

  *#publishTenant(realm: SysRealm): Steps {
    const now = performance.now()
    const known = this.#tenants.get(realm.name)
    const kept = known ?? { topics: new SysTopics('$SYS/tenant'), holdings: NOTHING, lastAt: this.#startedAt }
    if (known === undefined) this.#tenants.set(realm.name, kept)
    let [waiting, waitingBytes, looked] = [0, 0, 0]
    for (const { outbound } of realm.sessions.values()) {
      waiting += outbound.queued
      waitingBytes += outbound.waitingBytes
      looked += 1
      if (looked % SESSIONS_PER_LOOK === 0) yield SESSIONS_PER_LOOK
    }
    kept.holdings = {
      sessions: realm.sessions.size,
      subscriptions: realm.subscriptions.size,
      shared: realm.subscriptions.sharedSize,
      retained: this.#sources.retained.count(realm.name),
      waiting,
      waitingBytes,
    }
    const sec = Math.max(now - kept.lastAt, 1) / 1000
    kept.lastAt = now
    const quotas = quotasOf(realm)
    this.#send(realm, kept.topics.changes(realm.traffic, realm.headcount, kept.holdings, sec, quotas))
  }

  #publishBroker(operator: SysRealm): void {
    const now = performance.now()
    const traffic = new Traffic().add(this.newcomers)
    for (const realm of this.#sources.realms.values()) traffic.add(realm.traffic)
    const holdings = { ...NOTHING }
    for (const { holdings: own } of this.#tenants.values()) {
      for (const key of Object.keys(holdings) as (keyof Holdings)[]) holdings[key] += own[key]
    }
    const uptimeSec = Math.floor((now - this.#startedAt) / 1000)
    const sec = Math.max(now - this.#lastAt, 1) / 1000
    this.#lastAt = now
    const own = [
      ['version', `bulkhead version ${VERSION}`],
      ['uptime', `${uptimeSec} seconds`],
    ] as const
    this.#send(operator, this.#topics.changes(traffic, this.#clients, holdings, sec, own))
  }

  #send(realm: SysRealm, values: readonly (readonly [topic: string, payload: string])[]): void {
    for (const [topic, payload] of values) {
      const message = createMessage({ topic, payload: Buffer.from(payload), qos: 0, retain: true })
      this.#sources.retained.setForNow(realm.name, topic, detach(message))
      deliver(realm, message)
    }
  }
}

/** What bounds a tenant; what does not bound it is not told. */
function quotasOf({ quotas }: SysRealm): (readonly [name: string, value: string])[] {
  return Object.entries(quotas)
    .filter(([, most]) => Number.isFinite(most))
    .map(([quota, most]) => [`quotas/${quota}`, String(most)])
}
