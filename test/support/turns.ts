import { WORK_TURNS } from '../../src/base/limits.ts'
import { WorkTurns } from '../../src/base/work-turns.ts'

/** Turns whose time is never used up: what comes up is done at once. */
export function endlessTurns(): WorkTurns {
  return new WorkTurns(WORK_TURNS, () => 0)
}

/** What is done for this owner from now on waits for a later turn. */
export function defer(turns: WorkTurns, owner: string): void {
  turns.wait(owner, { goOn: () => false })
}

/** Turns of so many units of cost each: the clock goes by what is spent, and is looked at every time. */
export class CountedTurns extends WorkTurns {
  /** What was spent in all. */
  spent = 0

  constructor(perTurn: number) {
    const limits = { turnMs: perTurn, sliceMs: perTurn, lookCost: 0, waitingPerOwner: 1000 }
    super(limits, () => this.spent)
  }

  override spend(cost: number): boolean {
    this.spent += cost
    return super.spend(cost)
  }
}
