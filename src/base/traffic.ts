import { Tally } from './tally.ts'

/** What has come and gone since the start: of one tenant, or of those that have none yet. */
export class Traffic {
  /** Sockets that were opened. */
  sockets = 0
  /** Clients that were admitted. */
  connections = 0
  /** Sessions that waited for their client in vain. */
  sessionsExpired = 0
  bytesReceived = 0
  bytesSent = 0
  /** MQTT packets of all types. */
  packetsReceived = 0
  packetsSent = 0
  /** Of them, PUBLISH packets. */
  publishesReceived = 0
  publishesSent = 0
  /** All of these packets' bytes. */
  publishBytesReceived = 0
  publishBytesSent = 0
  /** Messages that did not reach a subscriber for want of room, time or speed. */
  publishesDropped = 0

  add(other: Traffic): this {
    for (const key of COUNTERS) this[key] += other[key]
    return this
  }
}

/** What a tenant meets, by few names each; of the tenant '' what is nobody's. */
export class Tallies {
  /** Messages that did not reach a subscriber, by why. */
  readonly dropped: Tally = new Tally()
  /** By what was refused. */
  readonly refused: Tally = new Tally()
  /** Bounds that were met, by their names. */
  readonly quotasMet: Tally = new Tally()
  readonly cells: Tally<'started' | 'failed'> = new Tally()
}

const COUNTERS = Object.keys(new Traffic()) as Exclude<keyof Traffic, 'add'>[]

/** How many are here, and the most that were here at a time. */
export class Headcount {
  now = 0
  most = 0
  #ms = 0
  #countedAt = performance.now()

  /** How long those who were here have been here, all together, in ms. */
  get stayedMs(): number {
    const at = performance.now()
    this.#ms += this.now * (at - this.#countedAt)
    this.#countedAt = at
    return this.#ms
  }

  came(): void {
    this.#ms = this.stayedMs
    this.now += 1
    this.most = Math.max(this.most, this.now)
  }

  left(): void {
    this.#ms = this.stayedMs
    this.now -= 1
  }
}
