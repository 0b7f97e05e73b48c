import { FairQueue, type NeverBegan } from '../../../src/base/fair-queue.ts'
import { COSTLY_AT_ONCE, COSTLY_PER_TENANT, COSTLY_WAITING, COSTLY_WAITING_PER_TENANT } from '../../limits.ts'
import { Refusal } from './power.ts'

const BOUNDS = {
  atOnce: COSTLY_AT_ONCE,
  atOncePerOwner: COSTLY_PER_TENANT,
  waiting: COSTLY_WAITING,
  waitingPerOwner: COSTLY_WAITING_PER_TENANT,
}

/** Password checks of the whole process, tenants taking turns. What never begins is refused. */
export class CostlyQueue extends FairQueue {
  constructor() {
    super(BOUNDS, refusal)
  }
}

function refusal(why: NeverBegan): Refusal {
  return why === 'full'
    ? new Refusal('limit', 'too many password checks are waiting')
    : new Refusal('unavailable', 'nobody waits for the answer any more')
}

/** The thread pool is the process's, so that its queue is too. */
export const COSTLY_WORK: CostlyQueue = new CostlyQueue()
