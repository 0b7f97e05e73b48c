import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockFolder, openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const OPEN_STORE = new URL('../../../../src/engine/sqlite/open-store.ts', import.meta.url).href

test('a folder has one owner: who comes second is refused, and told which folder it is', () => {
  const folder = dataFolder()
  const lock = lockFolder(folder)
  assert.throws(() => lockFolder(folder), {
    code: 'ERR_STORE',
    message: `another broker uses the data folder ${folder}`,
  })
  lock.close()
  lockFolder(folder).close()
})

test('the lock ends with its process, however that ends', async (t) => {
  const folder = dataFolder()
  const program = `
    import { lockFolder } from ${JSON.stringify(OPEN_STORE)}
    globalThis.lock = lockFolder(${JSON.stringify(folder)})
    process.stdout.write('locked')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  assert.throws(() => lockFolder(folder), { code: 'ERR_STORE' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  lockFolder(folder).close()
})

test('a folder that is not there is not another broker’s', () => {
  const folder = join(dataFolder(), 'nowhere')
  assert.throws(() => lockFolder(folder), {
    code: 'ERR_STORE',
    message: new RegExp(`^the data folder ${folder} cannot be used: `),
  })
})

test('a commit waits for the disk where durability is fsync, and not where it is os', () => {
  const folder = dataFolder()
  for (const [durability, synchronous] of [
    ['fsync', 2],
    ['os', 0],
  ] as const) {
    using database = openStore(folder, durability)
    assert.equal(database.prepare('PRAGMA synchronous').get()?.['synchronous'], synchronous)
    assert.equal(database.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal')
  }
})

test('a file that is no database is refused, and the folder named', () => {
  const folder = dataFolder()
  writeFileSync(join(folder, 'bulkhead.db'), 'not a database, but long enough to be read as one'.repeat(20))
  assert.throws(() => openStore(folder, 'os'), {
    code: 'ERR_STORE',
    message: new RegExp(`^the store in ${folder} cannot be opened: .*not a database`),
  })
})

test('a store of a newer version is refused, and stays what it is', () => {
  const folder = dataFolder()
  const database = openStore(folder, 'os')
  database.exec('PRAGMA user_version = 99')
  database.close()
  for (let turn = 0; turn < 2; turn += 1) {
    assert.throws(() => openStore(folder, 'os'), {
      code: 'ERR_STORE',
      message: new RegExp(`${folder} cannot be opened: its format is 99`),
    })
  }
})
