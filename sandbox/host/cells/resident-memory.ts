import { processTree, readProc } from './process-tree.ts'

/**
 * The memory in MiB that a process and its descendants have resident, or undefined where the system does not
 * tell, or the process ended. Pages that they share count once for each, so that it is rather too much.
 *
 * @param tree the process and its descendants, for who has looked already.
 */
export function residentMiB(pid: number, tree: readonly number[] = processTree(pid)): number | undefined {
  const sizes = tree.map(residentKiB)
  if (sizes[0] === undefined) return undefined
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0) / 1024
}

/** `VmRSS` is in KiB whatever the page size is, which Node does not tell. A zombie has none. */
function residentKiB(pid: number): number | undefined {
  const line = readProc(pid, 'status')?.match(/^VmRSS:\s+(\d+) kB$/m)
  return line?.[1] === undefined ? undefined : Number(line[1])
}
