import assert from 'node:assert/strict'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { lockFolder } from '../../../../src/engine/sqlite/open-store.ts'
import { Operation } from '../../../../src/engine/sqlite/operations.ts'
import { StoreFolder } from '../../../../src/engine/sqlite/store-folder.ts'
import { batchOf } from '../../../support/recorded-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const batch = (number: number) =>
  batchOf(number, (to) => to.u8(Operation.clearRetained).text('acme').text('t'))

function opened(context: TestContext, at: string, again = false): StoreFolder {
  const folder = again ? StoreFolder.again(at, 'os') : new StoreFolder(at, 'os')
  context.after(() => folder.close())
  return folder
}

test('a folder that is open is locked, and free again when it is closed', () => {
  const at = dataFolder()
  const folder = new StoreFolder(at, 'os')
  assert.throws(() => new StoreFolder(at, 'os'), /another broker uses the data folder/)
  folder.close()
  lockFolder(at).close()
})

test('a folder whose store cannot be opened is not locked', () => {
  const at = dataFolder()
  mkdirSync(path.join(at, 'bulkhead.db'))
  assert.throws(() => new StoreFolder(at, 'os'), { code: 'ERR_STORE' })
  lockFolder(at).close()
})

for (const name of ['bulkhead.db', 'bulkhead.db-wal', 'lock.db']) {
  test(`a batch is not safe where ${name} was deleted: it goes with the open file`, (context) => {
    const at = dataFolder()
    const folder = opened(context, at)
    folder.commit(batch(1))
    rmSync(path.join(at, name))
    assert.throws(() => folder.commit(batch(2)), {
      code: 'ERR_STORE',
      message:
        `${path.join(at, name)} was deleted, moved or replaced under the broker: ` +
        'put it back, or stop the broker, restore a backup and start it anew',
    })
  })
}

test('a batch is not safe where another file lies in the place of the opened one', (context) => {
  const [at, other] = [dataFolder(), dataFolder()]
  const folder = opened(context, at)
  new StoreFolder(other, 'os').close()
  renameSync(path.join(other, 'bulkhead.db'), path.join(at, 'bulkhead.db'))
  assert.throws(() => folder.commit(batch(1)), /was deleted, moved or replaced under the broker/)
})

test('what was moved away and is back is opened again, with all that it took meanwhile', (context) => {
  const at = dataFolder()
  const folder = new StoreFolder(at, 'os')
  folder.commit(batch(1))
  renameSync(at, `${at}-away`)
  assert.throws(() => folder.commit(batch(2)), /was deleted, moved/)
  folder.close()
  assert.throws(() => StoreFolder.again(at, 'os'), {
    code: 'ERR_STORE',
    message:
      `${path.join(at, 'bulkhead.db')} is not there: ` +
      'put it back, or stop the broker, restore a backup and start it anew',
  })
  assert.ok(!existsSync(at), 'no empty one is made in its place')
  renameSync(`${at}-away`, at)
  const back = opened(context, at, true)
  assert.equal(back.commit(batch(2)), null, 'it is done already')
  assert.deepEqual(back.commit(batch(3)), [])
})
