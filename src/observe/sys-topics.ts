import type { Headcount, Traffic } from '../base/traffic.ts'
import { LoadAverages } from './load-averages.ts'

/** What is kept at the moment: of a tenant, or of all together. */
export interface Holdings {
  readonly sessions: number
  readonly subscriptions: number
  /** Of them, shared ones. */
  readonly shared: number
  readonly retained: number
  /** Messages that wait for clients, and their bytes. */
  readonly waiting: number
  readonly waitingBytes: number
}

/** What loads are called, and which counter they are the speed of. */
const LOADS = [
  ['load/sockets', 'sockets'],
  ['load/connections', 'connections'],
  ['load/messages/received', 'packetsReceived'],
  ['load/messages/sent', 'packetsSent'],
  ['load/publish/received', 'publishesReceived'],
  ['load/publish/sent', 'publishesSent'],
  ['load/publish/dropped', 'publishesDropped'],
  ['load/bytes/received', 'bytesReceived'],
  ['load/bytes/sent', 'bytesSent'],
] as const satisfies readonly (readonly [string, Exclude<keyof Traffic, 'add'>])[]

/**
 * The values below `$SYS/broker` or `$SYS/tenant`, by mosquitto's names. Each time it is asked it tells those
 * that are not as they were.
 */
export class SysTopics {
  readonly #root: string
  readonly #loads = LOADS.map(([name, counter]) => ({ name, counter, averages: new LoadAverages() }))
  readonly #published = new Map<string, string>()

  /** @param root `$SYS/broker` or `$SYS/tenant`. */
  constructor(root: string) {
    this.#root = root
  }

  /**
   * @param sec since the last time.
   * @param more values of this tree alone, by their names.
   * @returns topic and payload of each value that has changed.
   */
  changes(
    traffic: Traffic,
    clients: Headcount,
    holdings: Holdings,
    sec: number,
    more: readonly (readonly [string, string])[] = [],
  ): (readonly [topic: string, payload: string])[] {
    const values = [
      ...more,
      ...counted(traffic, clients, holdings).map(([name, count]) => [name, String(count)] as const),
    ]
    for (const { name, counter, averages } of this.#loads) {
      averages.update(traffic[counter], sec)
      for (const [span, value] of averages.values) values.push([`${name}/${span}`, value])
    }
    const changed = values.filter(([name, value]) => this.#published.get(name) !== value)
    for (const [name, value] of changed) this.#published.set(name, value)
    return changed.map(([name, value]) => [`${this.#root}/${name}`, value])
  }
}

function counted(
  traffic: Traffic,
  { now, most }: Headcount,
  holdings: Holdings,
): readonly (readonly [string, number])[] {
  const { sessions, waiting, retained } = holdings
  return [
    ['clients/connected', now],
    ['clients/disconnected', Math.max(0, sessions - now)],
    // by their older names
    ['clients/active', now],
    ['clients/inactive', Math.max(0, sessions - now)],
    ['clients/total', Math.max(sessions, now)],
    ['clients/maximum', most],
    ['clients/expired', traffic.sessionsExpired],
    ['messages/received', traffic.packetsReceived],
    ['messages/sent', traffic.packetsSent],
    ['messages/stored', retained + waiting],
    ['publish/messages/received', traffic.publishesReceived],
    ['publish/messages/sent', traffic.publishesSent],
    ['publish/messages/dropped', traffic.publishesDropped],
    ['publish/bytes/received', traffic.publishBytesReceived],
    ['publish/bytes/sent', traffic.publishBytesSent],
    ['bytes/received', traffic.bytesReceived],
    ['bytes/sent', traffic.bytesSent],
    ['store/messages/count', retained + waiting],
    ['store/messages/bytes', holdings.waitingBytes],
    ['subscriptions/count', holdings.subscriptions],
    ['shared_subscriptions/count', holdings.shared],
    ['retained messages/count', retained],
  ]
}
