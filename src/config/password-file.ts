import { type PasswordHash, readPasswordHash } from '../../sandbox/index.ts'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { USERS } from '../base/limits.ts'
import { readLines } from './read-lines.ts'

/**
 * Reads a file of lines `USER:HASH`, as `bulkhead passwd` and mosquitto_passwd write it.
 *
 * @throws BulkheadError ERR_CONFIG_READ, ERR_CONFIG_INVALID with the place; no hash is repeated.
 */
export function readPasswordFile(file: string): ReadonlyMap<string, PasswordHash> {
  const users = new Map<string, PasswordHash>()
  for (const { text, place } of readLines(file)) {
    const colon = text.indexOf(':')
    const user = text.slice(0, colon)
    if (colon < 1) throw invalid(place, 'expected USER:HASH')
    if (users.has(user)) throw invalid(place, `the user ${JSON.stringify(user)} is there twice`)
    if (users.size >= USERS) throw invalid(place, `there are more than ${USERS} users`)
    try {
      users.set(user, readPasswordHash(text.slice(colon + 1).trim()))
    } catch (error) {
      throw invalid(place, messageOf(error))
    }
  }
  return users
}

function invalid(place: string, why: string): BulkheadError {
  return new BulkheadError('ERR_CONFIG_INVALID', `${place} ${why}`)
}
