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

const COUNTERS = Object.keys(new Traffic()) as Exclude<keyof Traffic, 'add'>[]

/** How many are here, and the most that were here at a time. */
export class Headcount {
  now = 0
  most = 0

  came(): void {
    this.now += 1
    this.most = Math.max(this.most, this.now)
  }

  left(): void {
    this.now -= 1
  }
}
