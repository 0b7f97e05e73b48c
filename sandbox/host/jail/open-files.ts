import { readFileSync } from 'node:fs'
import { BulkheadError } from '../../../src/base/errors.ts'
import { CELL_FILES_OPEN } from '../../limits.ts'

/**
 * A cell may have so many files open, and nobody may give more than he has.
 *
 * @param most how many this process may have open; undefined: the system does not tell.
 * @throws BulkheadError ERR_CELL when it is too few for any cell to start.
 */
export function requireOpenFiles(most: number | undefined = mostOpenFiles()): void {
  if (most === undefined || most >= CELL_FILES_OPEN) return
  throw new BulkheadError(
    'ERR_CELL',
    `this process may have ${most} files open, and a cell needs ${CELL_FILES_OPEN}: ` +
      'raise the limit (`ulimit -n`, or LimitNOFILE= of its systemd unit)',
  )
}

/** What the kernel says of this process, Linux only. Node has raised its own limit to the hard one. */
function mostOpenFiles(): number | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const hard = limits.match(/^Max open files\s+\S+\s+(\d+)/m)?.[1]
    return hard === undefined ? undefined : Number(hard)
  } catch {
    // another system, or one without /proc
    return undefined
  }
}
