import type { SandboxLimits } from '../../limits.ts'
import type { CellBounds } from '../jail.ts'

/**
 * The bounds of a tenant's cell. The address space, a backstop only, is that of as many plugins as it may
 * have, so that most tenants' cells are alike and one spare fits them all.
 */
export function boundsOf(limits: Bounding, jit: boolean): CellBounds {
  const { dataMiB, rssMiB, plugins } = limits
  return { dataMiB, rssMiB, isolates: plugins, jit }
}

type Bounding = Pick<SandboxLimits, 'dataMiB' | 'rssMiB' | 'plugins'>

/** Whether a cell that was made with one fits who needs the other. */
export function sameBounds(one: CellBounds, other: CellBounds): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
