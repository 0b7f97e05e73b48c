import { constants } from 'node:os'

/**
 * How a process ended, in words: the signal, or the exit code. A wrapper that waits for the cell (`bwrap`)
 * tells a signal as an exit code above 128, as shells do.
 */
export function describeExit(code: number | null, signal: string | null): string {
  if (signal !== null) return signal
  const told = Object.entries(constants.signals).find(([, number]) => number + 128 === code)
  return told?.[0] ?? `exit code ${code}`
}
