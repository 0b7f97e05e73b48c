import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SessionLog, StoredSession } from '../../../../src/engine/engine.ts'
import { dataFolder, newSqliteEngine } from '../../../support/sqlite-engine.ts'

/** What a later process finds of what is written here. */
async function written(
  write: (log: SessionLog<object>) => void | Promise<void>,
): Promise<StoredSession<object>[]> {
  const folder = dataFolder()
  const ports = { route: () => true, settled: () => undefined, troubled: () => undefined }
  const engine = newSqliteEngine<object, object>(folder)
  await engine.start({ ...ports, restored: () => null })
  const log = await new Promise<SessionLog<object> | null>((resolve) => {
    engine.sessions.open('acme', 'ann', false, { opened: (_epoch, _stored, given) => resolve(given) })
  })
  assert.ok(log !== null)
  await write(log)
  await engine.stop()
  const found: StoredSession<object>[] = []
  const later = newSqliteEngine<object, object>(folder)
  await later.start({
    ...ports,
    restored: (session) => {
      found.push(session)
      return null
    },
  })
  await later.stop()
  return found
}

test('a session that is not described is not kept', async () => {
  const found = await written((log) => {
    log.subscribed('a', 'how')
    log.owed({ text: 'm' }, 'how', 1)
  })
  assert.deepEqual(found, [])
})

test('one message in many queues, and many in one, come back as they were left', async () => {
  const [session] = await written((log) => {
    log.describe('about')
    const message = { text: 'shared' }
    const places = [
      log.owed(message, 'first', 0),
      log.owed(message, 'second', 0),
      log.owed(message, 'third', 0),
    ]
    log.launched(places[0] ?? 0, 7)
    log.released(places[0] ?? 0)
    log.settled(places[1] ?? 0)
    log.will({ text: 'will' }, 'how')
  })
  assert.deepEqual(
    session?.owed.map(({ how, packetId, released, message }) => [how, packetId, released, message]),
    [
      ['first', 7, true, { text: 'shared' }],
      ['third', 0, false, { text: 'shared' }],
    ],
  )
  assert.deepEqual(session?.will, { message: { text: 'will' }, how: 'how' })
})

test('what is forgotten is gone, and another session may begin in its place', async () => {
  const [session] = await written((log) => {
    log.describe('old')
    log.owed({ text: 'm' }, 'how', 0)
    log.clear()
    log.describe('new')
  })
  assert.deepEqual([session?.about, session?.owedCount], ['new', 0])
})

test('what is owed is read behind a place, as much as is asked for, when it is safe', async () => {
  await written(async (log) => {
    log.describe('about')
    for (const text of ['a', 'b', 'c', 'd']) log.owed({ text }, text, 0)
    const read = await new Promise<readonly string[]>((resolve) =>
      log.read(1, 2, (owed) => resolve(owed.map(({ how }) => how))),
    )
    assert.deepEqual(read, ['b', 'c'])
  })
})

test('who waits for safety is called in the order of asking, and at once where nothing waits', async () => {
  await written(async (log) => {
    const called: number[] = []
    log.whenSafe(() => called.push(0))
    assert.deepEqual(called, [0])
    log.describe('about')
    assert.ok(log.ticket > 0)
    await new Promise<void>((resolve) => {
      log.whenSafe(() => called.push(1))
      log.whenSafe(() => resolve(void called.push(2)))
    })
    assert.deepEqual(called, [0, 1, 2])
    assert.equal(log.ticket, 0)
  })
})
