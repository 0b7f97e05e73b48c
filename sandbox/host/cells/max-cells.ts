import { totalmem } from 'node:os'
import { CELL_USUAL_MIB, CELLS_AUTO } from '../../limits.ts'

/**
 * How many cells fit this machine: half of its memory, or of what its control group allows if that is less,
 * counted with what a cell takes as a rule. That all of them grow to their bound at once is what the other
 * half is for, and the kernel, which ends cells before it ends the broker.
 */
export function autoMaxCells(memoryBytes: number = usableMemoryBytes()): number {
  const fitting = Math.floor(memoryBytes / 2 / (CELL_USUAL_MIB * 1_048_576))
  return Math.min(CELLS_AUTO.most, Math.max(CELLS_AUTO.least, fitting))
}

/** The machine's memory, or what this process's control group allows of it. */
export function usableMemoryBytes(): number {
  // 0: there is no bound, or none that Node knows of
  const bound = process.constrainedMemory()
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem()
}
