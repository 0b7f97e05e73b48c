import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
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
    // long enough to be tried in vain, of which nothing is said anew
    await new Promise((resolve) => setTimeout(resolve, STORE.retryMs * 1.2))
    renameSync(`${folder}-away`, folder)
    await stage.safe()
    assert.deepEqual(stage.troubles.slice(1), [null])
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
})
