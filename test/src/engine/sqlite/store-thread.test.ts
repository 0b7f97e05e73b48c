import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { STORE } from '../../../../src/base/limits.ts'
import { Operation } from '../../../../src/engine/sqlite/operations.ts'
import { looked, openedStore, stuckDisk } from '../../../support/recorded-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const topicsIn = (folder: string) =>
  looked(folder, 'SELECT topic FROM retained ORDER BY rowid').map(({ topic }) => topic)

test('all that is stored is told before the store is open, however much it is', async (context) => {
  const folder = dataFolder()
  const earlier = await openedStore(context, folder)
  const topics = Array.from({ length: STORE.restoredAtOnce * 2 + 1 }, (_, n) => `t/${n}`)
  for (const topic of topics) earlier.write(topic)
  const { store } = earlier
  for (const sid of [3, 4]) {
    store
      .begin()
      .u8(Operation.putSession)
      .number(sid)
      .text('acme')
      .text(`${sid}`)
      .number(sid)
      .text('')
      .number(0)
  }
  await store.close()
  const stage = await openedStore(context, folder)
  assert.deepEqual(
    stage.retainedRows.map(({ topic }) => topic),
    topics,
  )
  assert.deepEqual(
    stage.sessions.map(({ sid, client }) => [sid, client]),
    [
      [3, '3'],
      [4, '4'],
    ],
  )
})

// each waits for the thread to try again
describe('after a fault of the disk', { concurrency: true }, () => {
  testsOfFaults()
  testsOfMissingFiles()
})

function testsOfFaults(): void {
  test('a file that could not be opened for a while is written to when it is back', async (context) => {
    const folder = dataFolder()
    const stage = await openedStore(context, folder)
    stage.write('before')
    await stage.safe()
    const release = stuckDisk(folder)
    stage.write('meanwhile')
    await stage.until(() => stage.troubles.length === 1)
    renameSync(folder, `${folder}-away`)
    release()
    await stage.until(() => stage.troubles.length === 2)
    // long enough to be tried in vain once more, of which nothing is said anew
    await new Promise((resolve) => setTimeout(resolve, STORE.retryMs * 1.2))
    renameSync(`${folder}-away`, folder)
    await stage.safe()
    assert.match(stage.troubles[1] ?? '', /bulkhead\.db is not there: put it back/)
    assert.deepEqual(stage.troubles.slice(2), [null])
    assert.deepEqual(topicsIn(folder), ['before', 'meanwhile'])
  })

  test('who asked a batch that was done already is asked for again, or told that it is not known', async (context) => {
    const folder = dataFolder()
    const stage = await openedStore(context, folder)
    const release = stuckDisk(folder, 'UPDATE last_batch SET number = 1')
    const { store } = stage
    const set = store.ask(Operation.kvSet, (to) =>
      to.text('acme').text('gate').text('k').blob(Buffer.from('v')).number(-1).number(99).number(99),
    )
    const refused = assert.rejects(set, {
      code: 'ERR_STORE',
      message: /whether this was written is not known/,
    })
    const get = store.ask(Operation.kvGet, (to) => to.text('acme').text('gate').text('k'))
    await stage.until(() => stage.troubles.length === 1)
    release()
    await refused
    assert.equal(await get, undefined)
    assert.equal(store.lastSafe, 2)
    assert.deepEqual(stage.troubles.slice(1), [null])
  })
}

function testsOfMissingFiles(): void {
  test('a folder that is moved away while nobody writes is trouble until it is back', async (context) => {
    const folder = dataFolder()
    const stage = await openedStore(context, folder)
    stage.write('before')
    await stage.safe()
    renameSync(folder, `${folder}-away`)
    await stage.until(() => stage.troubles.length === 2)
    assert.match(stage.troubles[0] ?? '', /was deleted, moved or replaced under the broker/)
    assert.match(stage.troubles[1] ?? '', /is not there: put it back, or stop the broker, restore a backup/)
    renameSync(`${folder}-away`, folder)
    await stage.until(() => stage.troubles.at(-1) === null)
    stage.write('after')
    await stage.safe()
    assert.equal(stage.troubles.length, 3)
    assert.deepEqual(topicsIn(folder), ['before', 'after'])
  })

  for (const name of ['bulkhead.db-wal', 'lock.db']) {
    test(`${name} is made anew when it is gone, and nothing is missing`, async (context) => {
      const folder = dataFolder()
      const stage = await openedStore(context, folder)
      stage.write('before')
      await stage.safe()
      rmSync(path.join(folder, name))
      await stage.until(() => stage.troubles.length === 2)
      assert.match(stage.troubles[0] ?? '', /was deleted, moved or replaced/)
      assert.equal(stage.troubles[1], null)
      stage.write('after')
      await stage.safe()
      assert.deepEqual(topicsIn(folder), ['before', 'after'])
    })
  }

  test('an empty store in the place of the one that was there is not taken for it', async (context) => {
    const folder = dataFolder()
    const stage = await openedStore(context, folder)
    stage.write('before')
    await stage.safe()
    renameSync(folder, `${folder}-away`)
    mkdirSync(folder)
    writeFileSync(path.join(folder, 'bulkhead.db'), '')
    const changed = /the store has changed under the broker: batch 0 is its last, not 1; put back/
    await stage.until(() => changed.test(stage.troubles.at(-1) ?? ''))
    assert.ok(!stage.troubles.includes(null))
    renameSync(folder, `${folder}-empty`)
    renameSync(`${folder}-away`, folder)
    await stage.until(() => stage.troubles.at(-1) === null)
    assert.deepEqual(topicsIn(folder), ['before'])
  })
}
