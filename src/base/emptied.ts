import { setTimeout as pause } from 'node:timers/promises'

/** Resolves once nothing is left in it, or after so many milliseconds. */
export async function emptied(left: { readonly size: number }, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (left.size > 0 && performance.now() < deadline) await pause(LOOK_MS)
}

const LOOK_MS = 10
