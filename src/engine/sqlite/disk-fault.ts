import { accessSync, constants } from 'node:fs'
import { BulkheadError, messageOf } from '../../base/errors.ts'

/** What to do, by the primary codes of SQLite's errors: PERM, BUSY, LOCKED, READONLY, CORRUPT, FULL, … */
const REMEDIES: ReadonlyMap<number, string> = new Map([
  [3, 'give the broker the right to write there'],
  [5, 'end what else uses it'],
  [6, 'end what else uses it'],
  [8, 'make it writable'],
  [11, 'stop the broker, run `bulkhead store check`, and restore a backup'],
  [13, 'make room on its disk'],
  // … CANTOPEN, NOTADB
  [14, 'give the broker the right to open it, and more files if it has none left'],
  [26, 'stop the broker, run `bulkhead store check`, and restore a backup'],
])

const ANY_REMEDY = 'look after its disk, or mount it anew'

/**
 * What is wrong with the disk, for who is to mend it: the folder, what the database says of it, where that is
 * less, what the operating system does, and what is to be done.
 */
export function diskFault(folder: string, error: unknown): string {
  const said = messageOf(error)
  const parts = [said.includes(folder) ? said : `${folder}: ${said}`]
  // what could not be opened says why in words, and holds what the database said
  const cause = error instanceof BulkheadError ? error.cause : error
  if (isSqliteError(cause)) parts.push(`SQLite's code ${cause.errcode}`)
  try {
    accessSync(folder, constants.W_OK)
  } catch (refused) {
    parts.push(messageOf(refused))
  }
  const remedy = isSqliteError(cause) ? REMEDIES.get(cause.errcode & 0xff) : undefined
  // the broker's own words say what to do
  if (cause !== undefined) parts.push(remedy ?? ANY_REMEDY)
  return parts.join('; ')
}

/**
 * What no disk is to blame for: the batch itself cannot be done. By the primary codes of SQLite's errors:
 * ERROR, NOTFOUND, EMPTY, SCHEMA, TOOBIG, CONSTRAINT, MISMATCH, MISUSE, RANGE.
 */
const FAULTS_OF_BATCHES: ReadonlySet<number> = new Set([1, 12, 16, 17, 18, 19, 20, 21, 25])

/** Whether trying again would end no better, whatever is done to the disk. */
export function isFaultOfBatch(error: unknown): boolean {
  if (error instanceof BulkheadError) return false
  if (isSqliteError(error)) return FAULTS_OF_BATCHES.has(error.errcode & 0xff)
  return !(error instanceof Error && 'syscall' in error)
}

function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error
}
