import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { OwedMessage } from '../../../../src/engine/engine.ts'
import { MessageBodies } from '../../../../src/engine/sqlite/message-bodies.ts'
import { SqliteLog } from '../../../../src/engine/sqlite/sqlite-log.ts'
import { Tickets } from '../../../../src/engine/sqlite/tickets.ts'
import { looked, openedStore, type RecordedStore } from '../../../support/recorded-store.ts'
import { dataFolder, JSON_CODEC } from '../../../support/sqlite-engine.ts'

interface Message {
  readonly text: string
}

interface Bench {
  readonly folder: string
  readonly stage: RecordedStore
  newLog(sid: number, clientId: string, lastPlace?: number, lastReleased?: number): SqliteLog<Message>
}

async function opened(context: TestContext, folder = dataFolder()): Promise<Bench> {
  const stage = await openedStore(context, folder)
  const { store } = stage
  const tickets = new Tickets(store, () => undefined)
  stage.onSettled = () => tickets.committed()
  const tools = { store, bodies: new MessageBodies<Message>(store, JSON_CODEC), codec: JSON_CODEC, tickets }
  const newLog = (sid: number, clientId: string, lastPlace = -1, lastReleased = 0) =>
    new SqliteLog<Message>(tools, sid, 'acme', clientId, lastPlace, lastReleased)
  return { folder, stage, newLog }
}

function read(
  log: SqliteLog<Message>,
  after: number,
  limit: number,
): Promise<readonly OwedMessage<Message>[]> {
  return new Promise((resolve) => log.read(after, limit, resolve))
}

/** Does everything that a log can be told of. */
function tellAll(log: SqliteLog<Message>): void {
  log.subscribed('a/#', 'how')
  log.subscribed('b', 'how')
  log.unsubscribed('b')
  log.owed({ text: 'one' }, 'q1', 0)
  log.owed({ text: 'two' }, 'q2', 0)
  log.owed({ text: 'three' }, 'q2', 77)
  log.launched(2, 76)
  log.changed(2, { text: 'changed' }, 'c2')
  log.released(3)
  log.released(2)
  log.settled(1)
  log.received(5)
  log.received(6)
  log.forgotten(5)
  log.will({ text: 'gone' }, 'later')
  log.keepUntil(12_345)
}

/** What a stored body says. */
function textOf(body: Uint8Array | null): string | null {
  return body && (JSON_CODEC.decode(body) as Message).text
}

test('a session that was never described is not written down; its places grow all the same', async (context) => {
  const { stage, newLog } = await opened(context)
  const log = newLog(1, 'ann')
  tellAll(log)
  log.clear()
  assert.equal(log.owed({ text: 'four' }, '', 0), 4)
  assert.equal(stage.store.written, 0)
  assert.equal(log.ticket, 0)
})

test('a session is there after a restart as its owner wrote it down', async (context) => {
  const first = await opened(context)
  const log = first.newLog(1, 'ann')
  log.owner(9)
  log.describe('about ann')
  tellAll(log)
  await first.stage.store.close()
  const { stage } = await opened(context, first.folder)
  const [row] = stage.sessions
  const texts = row?.queue.map(({ body, form, ...rest }) => ({
    ...rest,
    body: textOf(body),
    form: textOf(form),
  }))
  assert.deepEqual([row?.tenant, row?.client, row?.epoch, row?.about], ['acme', 'ann', 9, 'about ann'])
  assert.equal(row?.expiresAt, 12_345)
  assert.deepEqual(row.subscriptions, [['a/#', 'how']])
  assert.deepEqual(texts, [
    { place: 2, how: 'c2', packetId: 76, released: 2, body: 'two', form: 'changed' },
    { place: 3, how: 'q2', packetId: 77, released: 1, body: 'three', form: null },
  ])
  assert.deepEqual(row.received, [6])
  assert.equal(row.will?.how, 'later')
})

test('places go on behind those of an earlier process', async (context) => {
  const { newLog } = await opened(context)
  assert.equal(newLog(1, 'ann', 0).owed({ text: 'first' }, '', 0), 1)
  assert.equal(newLog(2, 'bob', 41).owed({ text: 'next' }, '', 0), 42)
})

test('[MQTT-4.6.0-4] what is released comes behind what an earlier process has released', async (context) => {
  const { stage, newLog } = await opened(context)
  const log = newLog(1, 'ann', 2, 7)
  log.describe('')
  log.owed({ text: 'three' }, '', 9)
  log.released(3)
  await stage.safe()
  const [entry] = await read(log, 0, 1)
  assert.equal(entry?.released, 8)
})

test('what is owed is read in order, what was just written among it', async (context) => {
  const { newLog } = await opened(context)
  const log = newLog(1, 'ann')
  log.describe('')
  for (const text of ['one', 'two', 'three']) log.owed({ text }, text, 0)
  const first = await read(log, 0, 2)
  assert.deepEqual(
    first.map(({ place }) => place),
    [1, 2],
  )
  log.settled(3)
  log.owed({ text: 'four' }, 'four', 8)
  assert.deepEqual(await read(log, 2, 2), [
    { place: 4, message: { text: 'four' }, form: null, how: 'four', packetId: 8, released: 0 },
  ])
})

test('a session that is cleared leaves nothing, and may begin anew under another owner', async (context) => {
  const { folder, stage, newLog } = await opened(context)
  const log = newLog(1, 'ann')
  log.describe('first')
  tellAll(log)
  await stage.safe()
  log.clear()
  log.received(9)
  const next = newLog(2, 'ann')
  next.owner(2)
  next.describe('second')
  next.will({ text: 'gone' }, '')
  next.will(null, '')
  await stage.safe()
  assert.deepEqual(looked(folder, 'SELECT sid, epoch, about FROM session'), [
    { sid: 2, epoch: 2, about: 'second' },
  ])
  for (const table of ['subscription', 'queue', 'message', 'received', 'will']) {
    assert.deepEqual(looked(folder, `SELECT * FROM ${table}`), [], table)
  }
})

test('what was written is safe when the ticket is settled, or `whenSafe` says so', async (context) => {
  const { folder, stage, newLog } = await opened(context)
  const log = newLog(1, 'ann')
  log.describe('')
  assert.equal(log.ticket, 1)
  const found = new Promise((resolve) =>
    log.whenSafe(() => resolve(looked(folder, 'SELECT client FROM session'))),
  )
  assert.deepEqual(await found, [{ client: 'ann' }])
  await stage.safe()
  assert.equal(log.ticket, 0)
})
