import { FairQueue } from '../base/fair-queue.ts'
import { SOURCE_WAITING } from '../base/limits.ts'

/** Tenants take turns at a source; where there are several connections, one is never all of one tenant's. */
export function sourceQueue(connections: number): FairQueue {
  const bounds = {
    atOnce: connections,
    atOncePerOwner: Math.max(1, connections - 1),
    waiting: SOURCE_WAITING,
    waitingPerOwner: SOURCE_WAITING,
  }
  return new FairQueue(bounds, (why) => new NotAsked(why === 'full'))
}

/** A question that was never asked: too much waits, or nobody waits for it any more. */
export class NotAsked extends Error {
  readonly isFull: boolean

  constructor(isFull: boolean) {
    super(isFull ? 'too many questions wait for this source' : 'nobody waits for the answer any more')
    this.name = 'NotAsked'
    this.isFull = isFull
  }
}
