import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { BulkheadError } from '../../base/errors.ts'
import type { Answer, Batch } from './answers.ts'
import { type Durability, lockFolder, openStore, storeFile, storeFiles } from './open-store.ts'
import { StoreTables } from './store-tables.ts'

const PUT_BACK = 'put it back, or stop the broker, restore a backup and start it anew'

/** A data folder while a broker has it: its lock, its database, and which files they were at first. */
export class StoreFolder {
  readonly tables: StoreTables
  readonly #lock: DatabaseSync
  readonly #database: DatabaseSync
  readonly #files: readonly { readonly path: string; readonly inode: bigint }[]

  /** @throws BulkheadError ERR_STORE; nothing is open then. */
  constructor(folder: string, durability: Durability) {
    this.#lock = lockFolder(folder)
    try {
      this.#database = openStore(folder, durability)
    } catch (error) {
      this.#lock.close()
      throw error
    }
    try {
      this.tables = new StoreTables(this.#database)
      this.#files = storeFiles(folder).map((path) => ({ path, inode: inodeAt(path) }))
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * Opens what was open before; where it is gone, as when its disk is not mounted, none is made in its place.
   *
   * @throws BulkheadError ERR_STORE
   */
  static again(folder: string, durability: Durability): StoreFolder {
    const path = storeFile(folder)
    if (inodeAt(path) === 0n) throw new BulkheadError('ERR_STORE', `${path} is not there: ${PUT_BACK}`)
    return new StoreFolder(folder, durability)
  }

  /**
   * Does a batch, which is safe when this returns.
   *
   * @throws BulkheadError ERR_STORE and what the database throws: the folder is to be closed then, and opened
   * anew.
   */
  commit(batch: Batch): Answer[] | null {
    const answers = this.tables.commit(batch)
    this.requireInPlace()
    return answers
  }

  /** Takes over into the database what lies in its log, as far as nobody is in the way. */
  checkpoint(): void {
    this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  }

  close(): void {
    this.#database.close()
    this.#lock.close()
  }

  /**
   * An open file takes what is written though it was deleted, and takes it along when it is closed.
   *
   * @throws BulkheadError ERR_STORE and what the operating system says.
   */
  requireInPlace(): void {
    for (const { path, inode } of this.#files) {
      if (inodeAt(path) === inode) continue
      const message = `${path} was deleted, moved or replaced under the broker: ${PUT_BACK}`
      throw new BulkheadError('ERR_STORE', message)
    }
  }
}

/** 0: there is no file. */
function inodeAt(path: string): bigint {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n
}
