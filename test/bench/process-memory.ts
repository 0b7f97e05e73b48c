import { readFileSync } from 'node:fs'

/** What a process holds of the memory, in MiB; null: it is gone, or this is not Linux. */
export function memoryMiB(pid: number): number | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/status`, 'latin1')
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return null
    throw thrown
  }
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]
  return resident === undefined ? null : Number(resident) / 1024
}
