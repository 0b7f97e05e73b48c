import { accessSync, constants } from 'node:fs'
import { BulkheadError, messageOf } from '../../base/errors.ts'

/**
 * What is wrong with the disk, for who is to mend it: the folder, what the database says of it and, where
 * that is less, what the operating system does.
 */
export function diskFault(folder: string, error: unknown): string {
  const said = messageOf(error)
  const parts = [said.includes(folder) ? said : `${folder}: ${said}`]
  if (isSqliteError(error)) parts.push(`SQLite's code ${error.errcode}`)
  try {
    accessSync(folder, constants.W_OK)
  } catch (refused) {
    parts.push(messageOf(refused))
  }
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
