import { chmod, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BulkheadError, messageOf } from '../../base/errors.ts'
import { lockFolder, storeFile } from './open-store.ts'
import { knownFormat } from './schema.ts'

/** What a backup came to. */
export interface StoreCopy {
  readonly file: string
  readonly bytes: number
}

/** What a restore came to. */
export interface RestoredStore {
  readonly file: string
  readonly bytes: number
  /** Where the store that was there before lies now; null: there was none. */
  readonly before: string | null
}

/**
 * Copies a folder's store, as it is at one moment, into one file: of a broker that runs, too. The file
 * appears under its name when it is whole, was read once more, and is on the disk.
 *
 * @param force whether a file of that name is replaced.
 * @throws BulkheadError ERR_STORE
 */
export async function backupStore(folder: string, file: string, force: boolean): Promise<StoreCopy> {
  const source = storeFile(folder)
  if (!(await isThere(source))) throw new BulkheadError('ERR_STORE', `there is no store in ${folder}`)
  await refuseOverwriting(file, force)
  const unfinished = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`)
  try {
    await rm(unfinished, { force: true })
    copyAtOneMoment(source, unfinished)
    await chmod(unfinished, 0o600)
    examine(unfinished)
    await onDisk(unfinished)
    await rename(unfinished, file)
    await onDisk(dirname(file))
    return { file, bytes: (await stat(file)).size }
  } catch (cause) {
    await rm(unfinished, { force: true })
    if (cause instanceof BulkheadError) throw cause
    const message = `the store in ${folder} cannot be copied to ${file}: ${messageOf(cause)}`
    throw new BulkheadError('ERR_STORE', message, { cause })
  }
}

/**
 * Puts a backup in the place of a folder's store. What was there before stays beside it.
 *
 * @param force whether a store that is there may be replaced.
 * @throws BulkheadError ERR_STORE: it is no whole backup, a newer version's, or a broker uses the folder.
 */
export async function restoreStore(file: string, folder: string, force: boolean): Promise<RestoredStore> {
  if (!(await isThere(file))) throw new BulkheadError('ERR_STORE', `there is no file ${file}`)
  examine(file)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const lock = lockFolder(folder)
  try {
    const target = storeFile(folder)
    const isTaken = await isThere(target)
    if (isTaken && !force) {
      throw new BulkheadError('ERR_STORE', `${folder} holds a store already; --force puts it aside`)
    }
    const unfinished = `${target}.${process.pid}.tmp`
    await copyFile(file, unfinished)
    await chmod(unfinished, 0o600)
    await onDisk(unfinished)
    const before = isTaken ? await putAside(target) : null
    // a log that belongs to another file would be read into this one
    for (const end of ['-wal', '-shm']) await rm(`${target}${end}`, { force: true })
    await rename(unfinished, target)
    await onDisk(folder)
    return { file: target, bytes: (await stat(target)).size, before }
  } finally {
    lock.close()
  }
}

/** One transaction that reads: what is written meanwhile is not in it. */
function copyAtOneMoment(source: string, target: string): void {
  const database = new DatabaseSync(source, { readOnly: true })
  try {
    database.prepare('VACUUM INTO ?').run(target)
  } finally {
    database.close()
  }
}

/** @throws BulkheadError ERR_STORE of what is no whole store that this version knows. */
function examine(file: string): void {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(file, { readOnly: true })
    if (knownFormat(database) === 0) throw new Error('it is empty')
    const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
    if (found !== 'ok') throw new Error(String(found))
  } catch (cause) {
    const message = `${file} is no whole backup of a store: ${messageOf(cause)}`
    throw new BulkheadError('ERR_STORE', message, { cause })
  } finally {
    database?.close()
  }
}

/** Its log goes into it first: it is one file then. */
async function putAside(file: string): Promise<string> {
  try {
    const database = new DatabaseSync(file)
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    database.close()
  } catch {
    // one that is damaged is put aside as it stands, and its log is beside it under the same name
  }
  const aside = `${file}.before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
  for (const end of ['', '-wal']) if (await isThere(file + end)) await rename(file + end, aside + end)
  return aside
}

async function refuseOverwriting(file: string, force: boolean): Promise<void> {
  if (force || !(await isThere(file))) return
  throw new BulkheadError('ERR_STORE', `${file} is there already; --force replaces it`)
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

async function onDisk(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
