import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { STORE } from '../../../../src/base/limits.ts'
import { Operation } from '../../../../src/engine/sqlite/operations.ts'
import { Store } from '../../../../src/engine/sqlite/store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'
import { eventually } from '../../../support/processes.ts'

async function opened(folder = dataFolder()) {
  const told: (string | null)[] = []
  const retained: string[] = []
  const store = new Store(folder, 'fsync', {
    session: () => undefined,
    retained: ({ topic }) => void retained.push(topic),
    settled: () => undefined,
    troubled: (why) => void told.push(why),
  })
  await store.open()
  after(() => store.close())
  const write = (topic: string) =>
    store.begin().u8(Operation.setRetained).text('acme').text(topic).blob(Buffer.from(topic))
  return { store, folder, told, retained, write }
}

test('what one turn writes is one batch, and what comes meanwhile is the next', async () => {
  const { store, write } = await opened()
  const first = store.gathering
  for (const topic of ['a', 'b']) write(topic)
  assert.equal(store.lastWritten, first)
  await new Promise(setImmediate)
  write('c')
  assert.deepEqual([store.lastWritten, store.lastSafe], [first + 1, first - 1])
  await eventually(() => store.lastSafe === first + 1)
})

test('what was written is there for the next process, also what was written just before the end', async () => {
  const { store, folder, write } = await opened()
  write('early')
  await eventually(() => store.lastSafe === store.lastWritten)
  write('late')
  await store.close()
  assert.deepEqual((await opened(folder)).retained.sort(), ['early', 'late'])
})

test('what the disk does not take is told, kept, and done when it takes it again', async () => {
  const { store, folder, told, write } = await opened()
  const other = new DatabaseSync(join(folder, 'bulkhead.db'))
  other.exec('BEGIN IMMEDIATE')
  write('late')
  await eventually(() => told.length > 0)
  assert.match(String(told[0]), /locked/)
  assert.ok(store.lastSafe < store.lastWritten, 'nothing is safe meanwhile')
  other.exec('ROLLBACK')
  other.close()
  await eventually(() => store.lastSafe === store.lastWritten)
  assert.equal(told.at(-1), null)
})

test('who can be held is to be held when too much waits to be written', async () => {
  const { store, write } = await opened()
  assert.ok(!store.congested)
  for (let place = 0; place <= STORE.pendingOperations; place += 1) write('t')
  assert.ok(store.congested)
  await eventually(() => store.lastSafe === store.lastWritten)
  assert.ok(!store.congested)
})

test('a folder that cannot be made is named', async () => {
  const store = new Store(join(import.meta.filename, 'below'), 'fsync', {
    session: () => undefined,
    retained: () => undefined,
    settled: () => undefined,
    troubled: () => undefined,
  })
  await assert.rejects(store.open(), { code: 'ERR_STORE', message: /no data folder at .*below/ })
})
