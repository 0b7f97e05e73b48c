import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { STORE } from '../../../../src/base/limits.ts'
import { Operation } from '../../../../src/engine/sqlite/operations.ts'
import { looked, openedStore, RecordedStore, stuckDisk } from '../../../support/recorded-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const topicsIn = (folder: string) =>
  looked(folder, 'SELECT topic FROM retained ORDER BY rowid').map(({ topic }) => topic)

const ROOM = 1 << 20

/** Sets a key of one space; resolves when it is safe. */
function setKey({ store }: RecordedStore, key: string): Promise<unknown> {
  return store.ask(Operation.kvSet, (to) =>
    to.text('acme').text('gate').text(key).blob(Buffer.from(key)).number(-1).number(ROOM).number(ROOM),
  )
}

function getKey({ store }: RecordedStore, key: string): Promise<unknown> {
  return store.ask(Operation.kvGet, (to) => to.text('acme').text('gate').text(key))
}

test('the folder is made, for this user alone', async (context) => {
  const folder = join(dataFolder(), 'not', 'there')
  await openedStore(context, folder)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.ok(existsSync(join(folder, 'bulkhead.db')))
})

test('what one turn writes is one batch; what is written meanwhile is the next', async (context) => {
  const stage = await openedStore(context)
  const { store } = stage
  const batches: number[] = []
  stage.onSettled = () => batches.push(store.lastSafe)
  assert.equal(store.lastWritten, 0)
  for (let n = 0; n < 50; n += 1) stage.write(`first ${n}`)
  assert.equal(store.lastWritten, 1)
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  assert.equal(store.gathering, 2, 'the first is under way')
  stage.write('second')
  await Promise.resolve()
  stage.write('second, too')
  assert.equal(store.lastWritten, 2)
  await stage.safe()
  assert.deepEqual(batches, [1, 2])
  assert.equal(store.written, 52)
  const { commitSeconds, batchOperations } = store.counts
  assert.deepEqual([commitSeconds.count, batchOperations.count, batchOperations.sum], [2, 2, 52])
})

test('answers come when their batch is safe, each to who asked', async (context) => {
  const folder = dataFolder()
  const stage = await openedStore(context, folder)
  const answers = await Promise.all([setKey(stage, 'a'), setKey(stage, 'b'), getKey(stage, 'a')])
  const entry = { key: 'a', value: 'a', version: 1 }
  assert.deepEqual(answers, [{ ok: true, version: 1 }, { ok: true, version: 2 }, entry])
  assert.equal(looked(folder, 'SELECT key FROM kv').length, 2)
})

test('closing writes what is left, and what comes then is refused', async () => {
  const folder = dataFolder()
  const stage = new RecordedStore(folder)
  await stage.store.open()
  stage.write('at last')
  await stage.store.close()
  assert.deepEqual(topicsIn(folder), ['at last'])
  await assert.rejects(setKey(stage, 'late'), { code: 'ERR_STORE', message: 'the store is closed' })
})

test('batches and bodies are numbered on from what an earlier process left', async (context) => {
  const folder = dataFolder()
  const earlier = new RecordedStore(folder)
  await earlier.store.open()
  earlier.store.begin().u8(Operation.putMessage).number(41).blob(Buffer.from('body'))
  earlier.store.begin().u8(Operation.enqueue).number(1).number(1).number(41).text('').u32(0)
  earlier.write('kept')
  await earlier.store.close()
  const { store, retainedRows } = await openedStore(context, folder)
  assert.deepEqual([store.lastSafe, store.lastWritten, store.gathering, store.lastMid], [1, 1, 2, 41])
  assert.deepEqual(
    retainedRows.map(({ tenant, topic, body }) => [tenant, topic, Buffer.from(body).toString()]),
    [['acme', 'kept', 'kept']],
  )
})

test('a folder that another broker has is refused, without trouble, and free when that one is gone', async (context) => {
  const folder = dataFolder()
  const owner = await openedStore(context, folder)
  const second = new RecordedStore(folder)
  const message = `another broker uses the data folder ${folder}`
  await assert.rejects(second.store.open(), { code: 'ERR_STORE', message })
  assert.deepEqual(second.troubles, [])
  await second.store.close()
  await owner.store.close()
  await openedStore(context, folder)
})

test('a store that cannot be read is refused, and does not keep the folder', async (context) => {
  const folder = dataFolder()
  const earlier = await openedStore(context, folder)
  earlier.write('of a stranger')
  await earlier.store.close()
  const stage = new RecordedStore(folder)
  stage.retained = () => {
    throw new Error('no message')
  }
  await assert.rejects(stage.store.open(), {
    code: 'ERR_STORE',
    message: `the store in ${folder} holds what cannot be read: no message`,
  })
  await openedStore(context, folder)
})

test('publishers are to be held while too many bytes, or operations, wait', async (context) => {
  const stage = await openedStore(context)
  const { store } = stage
  store.begin().u8(Operation.setRetained).text('acme').text('big').blob(Buffer.alloc(STORE.pendingBytes))
  assert.equal(store.congested, true)
  await stage.safe()
  assert.equal(store.congested, false)
  for (let n = 0; n <= STORE.pendingOperations; n += 1) {
    store.begin().u8(Operation.clearRetained).text('acme').text('small')
  }
  assert.equal(store.congested, true)
  await stage.safe()
  assert.equal(store.congested, false)
})

test('what the disk does not take is not safe until it does, and nobody is told so', async (context) => {
  const folder = dataFolder()
  const stage = await openedStore(context, folder)
  const safe: number[] = []
  stage.onSettled = () => safe.push(stage.store.lastSafe)
  const release = stuckDisk(folder)
  stage.write('first')
  const answer = setKey(stage, 'k')
  await stage.until(() => stage.troubles.length === 1)
  assert.match(String(stage.troubles[0]), /locked/)
  stage.write('gathers')
  stage.write('meanwhile')
  assert.deepEqual([safe, topicsIn(folder)], [[], []])
  release()
  await stage.safe()
  assert.deepEqual(safe, [1, 2])
  assert.deepEqual(await answer, { ok: true, version: 1 })
  assert.deepEqual(topicsIn(folder), ['first', 'gathers', 'meanwhile'])
  assert.equal(stage.troubles.length, 2, 'trouble is told once, and once that it is over')
  assert.equal(stage.troubles[1], null)
})

test('a disk that does not answer is trouble, though it fails nothing', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] })
  const recorded = await openedStore(context)
  recorded.write('a')
  await new Promise((resolve) => setImmediate(resolve))
  const now = performance.now()
  context.mock.method(performance, 'now', () => now + STORE.slowMs + 1000)
  // the batch is under way, and its answer cannot have come yet
  context.mock.timers.tick(STORE.retryMs)
  assert.match(recorded.troubles[0] ?? '', /the disk has not answered for \d s; see whether it hangs/)
  await recorded.safe()
  assert.deepEqual(recorded.troubles.slice(1), [null])
})

test('while the disk takes nothing and too much waits, nothing more is asked of it but what is owed', async (context) => {
  const folder = dataFolder()
  const recorded = await openedStore(context, folder)
  const { store } = recorded
  const freed = stuckDisk(folder)
  recorded.write('a')
  await recorded.until(() => recorded.troubles.length > 0)
  assert.equal(store.stuck, false, 'there is room yet')
  for (let n = 0; n <= STORE.pendingOperations; n += 1) recorded.write('b')
  assert.equal(store.stuck, true)
  await assert.rejects(setKey(recorded, 'k'), { code: 'ERR_STORE', message: /try again when it does/ })
  const owed = store.ask(Operation.readQueue, (to) => to.number(1).number(0).u32(1))
  freed()
  assert.deepEqual(await owed, [])
  await recorded.safe()
  assert.equal(store.stuck, false)
  await setKey(recorded, 'k')
})

test('a batch that cannot be done ends the store: nothing is tried again, nobody is told that it is safe', async (context) => {
  const folder = dataFolder()
  const recorded = await openedStore(context, folder)
  const { store } = recorded
  recorded.write('before')
  await recorded.safe()
  const asked = setKey(recorded, 'k')
  for (const _ of [1, 2]) store.begin().u8(Operation.enqueue).number(1).number(1).number(0).text('').u32(0)
  const batch = store.lastWritten
  await assert.rejects(asked, { code: 'ERR_STORE', message: /the storage thread has ended/ })
  assert.match(recorded.losses[0] ?? '', /what was to be written cannot be: .*UNIQUE/)
  assert.deepEqual([recorded.losses.length, recorded.troubles, store.lastSafe < batch], [1, [], true])
  await assert.rejects(setKey(recorded, 'k'), { code: 'ERR_STORE' })
  assert.deepEqual(topicsIn(folder), ['before'])
  // the folder is free for who comes next
  await store.close()
  await openedStore(context, folder)
})
