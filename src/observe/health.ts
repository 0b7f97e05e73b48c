/** How a broker is: what `bulkhead status` and a readiness probe are told. */
export interface BrokerStatus {
  /** Whether clients are served in full; else {@link reasons} says why not. */
  readonly ready: boolean
  readonly reasons: readonly string[]
  readonly version: string
  readonly pid: number
  /** Since clients can connect. */
  readonly uptimeSec: number
  readonly connections: number
  /** Of clients that are connected and of those that may return. */
  readonly sessions: number
  readonly tenants: readonly TenantStatus[]
}

/** How one tenant is. */
export interface TenantStatus {
  readonly tenant: string
  readonly connections: number
  readonly sessions: number
  /** Messages that wait for its sessions, and their bytes. */
  readonly queuedMessages: number
  readonly queuedBytes: number
}

/** What a {@link TenantStatus} is read from. */
export interface ObservedTenant {
  readonly name: string
  readonly peers: { readonly size: number }
  readonly sessions: { readonly size: number }
  readonly queueRoom: { readonly messages: number; readonly bytes: number }
}

/** Whether a broker can do what it is there for, and since when. */
export class Health {
  readonly #version: string
  /** On the monotonic clock in ms; null: clients cannot connect. */
  #servesSince: number | null = null
  #storeTrouble: { readonly why: string; readonly since: Date } | null = null
  #lost: string | null = null
  #isDraining = false

  constructor(version: string) {
    this.#version = version
  }

  /** Whether clients can connect. */
  serves(isSo: boolean): void {
    this.#servesSince = isSo ? performance.now() : null
  }

  /** It sends its clients away, and lets nobody in. */
  drains(): void {
    this.#isDraining = true
  }

  /** Nothing is kept any more, until the broker is started anew. */
  storeLost(why: string): void {
    this.#lost = why
  }

  /** @param why what keeps the disk from taking anything; null: it takes it. */
  storeTroubled(why: string | null): void {
    this.#storeTrouble = why === null ? null : { why, since: this.#storeTrouble?.since ?? new Date() }
  }

  /** @param isStuck as much waits for the store as may. */
  status(tenants: Iterable<ObservedTenant>, isStuck: boolean): BrokerStatus {
    const reasons: string[] = []
    if (this.#isDraining) reasons.push('it is stopping, and sends its clients away')
    else if (this.#servesSince === null) reasons.push('it is starting, or stopping: ask again')
    if (this.#storeTrouble !== null) {
      const { why, since } = this.#storeTrouble
      reasons.push(`the store cannot be written since ${since.toISOString()}: ${why}`)
    }
    if (isStuck)
      reasons.push(
        'too much waits for it: publishers are held, and sessions that last refused, until it is mended',
      )
    if (this.#lost !== null) reasons.push(`the store is lost: ${this.#lost}; start the broker anew`)
    const all = Array.from(tenants, ({ name, peers, sessions, queueRoom }) => ({
      tenant: name,
      connections: peers.size,
      sessions: sessions.size,
      queuedMessages: queueRoom.messages,
      queuedBytes: queueRoom.bytes,
    }))
    return {
      ready: reasons.length === 0,
      reasons,
      version: this.#version,
      pid: process.pid,
      uptimeSec: this.#servesSince === null ? 0 : (performance.now() - this.#servesSince) / 1000,
      connections: total(all.map(({ connections }) => connections)),
      sessions: total(all.map(({ sessions }) => sessions)),
      tenants: all,
    }
  }
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}
