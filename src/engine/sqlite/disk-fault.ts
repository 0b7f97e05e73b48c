import { accessSync, constants } from 'node:fs'
import { messageOf } from '../../base/errors.ts'

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

function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error
}
