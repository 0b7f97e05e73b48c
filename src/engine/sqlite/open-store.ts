import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { STORE } from '../../base/limits.ts'
import { migrate } from './schema.ts'

/** When a commit is done: when the disk has it, or when the operating system has. */
export type Durability = 'fsync' | 'os'

const STORE_FILE = 'bulkhead.db'
const LOCK_FILE = 'lock.db'

/** The database of a data folder. */
export function storeFile(folder: string): string {
  return join(folder, STORE_FILE)
}

/** The files of a folder that an open store writes to: they are to stay where they are. */
export function storeFiles(folder: string): readonly string[] {
  const path = storeFile(folder)
  return [join(folder, LOCK_FILE), path, `${path}-wal`]
}

/**
 * Takes the folder for this process: the lock is an open transaction, which ends with the process however it
 * ends.
 *
 * @throws BulkheadError ERR_STORE when another process has it.
 */
export function lockFolder(folder: string): DatabaseSync {
  const path = join(folder, LOCK_FILE)
  try {
    const lock = new DatabaseSync(path)
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    return lock
  } catch (cause) {
    const why = messageOf(cause)
    const message = why.includes('locked')
      ? `another broker uses the data folder ${folder}`
      : `the data folder ${folder} cannot be used: ${why}`
    throw new BulkheadError('ERR_STORE', message, { cause })
  }
}

/**
 * Opens the store in a folder, and brings it up to date.
 *
 * @throws BulkheadError ERR_STORE
 */
export function openStore(folder: string, durability: Durability): DatabaseSync {
  let database: DatabaseSync | null = null
  try {
    const file = storeFile(folder)
    // its log gets the same rights: what clients send is nobody's but this user's
    closeSync(openSync(file, 'a', 0o600))
    database = new DatabaseSync(file)
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${durability === 'fsync' ? 'FULL' : 'OFF'};
      PRAGMA wal_autocheckpoint = ${STORE.checkpointPages};
      PRAGMA cache_size = -${STORE.cacheKiB};
      PRAGMA mmap_size = ${STORE.mapBytes};
    `)
    migrate(database)
    return database
  } catch (cause) {
    database?.close()
    const message = `the store in ${folder} cannot be opened: ${messageOf(cause)}`
    throw new BulkheadError('ERR_STORE', message, { cause })
  }
}
