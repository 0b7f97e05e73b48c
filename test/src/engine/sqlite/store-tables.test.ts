import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { Operation } from '../../../../src/engine/sqlite/operations.ts'
import { StoreTables } from '../../../../src/engine/sqlite/store-tables.ts'
import { unpacked } from '../../../../src/engine/sqlite/stored-rows.ts'
import { batchOf, openedTables } from '../../../support/recorded-store.ts'

const ROOM = 1 << 20

/** How many rows each table has. */
function sizes(database: DatabaseSync): Record<string, number> {
  const names = ['session', 'subscription', 'message', 'queue', 'received', 'will', 'retained', 'kv', 'audit']
  const count = (name: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${name}`).get()?.['n'])
  return Object.fromEntries(names.map((name) => [name, count(name)]))
}

const EMPTY = { session: 0, subscription: 0, message: 0, queue: 0, received: 0, will: 0, retained: 0, kv: 0 }

test('each operation is done with its fields in their order', (context) => {
  const { tables, database } = openedTables(context)
  const body = Buffer.from('body')
  const batch = batchOf(1, (to) => {
    to.u8(Operation.putSession).number(7).text('acme').text('ann').number(3).text('about')
    to.number(Number.POSITIVE_INFINITY)
    to.u8(Operation.putSubscription).number(7).text('a/#').text('how')
    to.u8(Operation.putSubscription).number(7).text('b').text('how')
    to.u8(Operation.dropSubscription).number(7).text('b')
    to.u8(Operation.putMessage).number(9).blob(body)
    for (const place of [1, 2]) to.u8(Operation.enqueue).number(7).number(place).number(9).text('q').u32(0)
    to.u8(Operation.launch).number(7).number(2).u32(65_535)
    to.u8(Operation.change).number(7).number(2).number(9).text('changed')
    to.u8(Operation.release).number(7).number(2).number(4)
    to.u8(Operation.dequeue).number(7).number(1)
    to.u8(Operation.receive).number(7).u32(11).u8(Operation.receive).number(7).u32(12)
    to.u8(Operation.forget).number(7).u32(11)
    to.u8(Operation.putWill).number(7).blob(body).text('later')
    to.u8(Operation.expireSession).number(7).number(12_345)
    to.u8(Operation.setRetained).text('acme').text('r').blob(body)
    to.u8(Operation.setRetained).text('acme').text('gone').blob(body)
    to.u8(Operation.clearRetained).text('acme').text('gone')
    to.u8(Operation.audit).text('acme').text('{"tenant":"acme"}')
  })
  assert.deepEqual(tables.commit(batch), [])
  const bytes = new Uint8Array(body)
  assert.deepEqual(
    [...tables.sessions.sessions(10)],
    [
      {
        sid: 7,
        tenant: 'acme',
        client: 'ann',
        epoch: 3,
        about: 'about',
        expiresAt: 12_345,
        subscriptions: [['a/#', 'how']],
        queue: [{ place: 2, body: bytes, form: bytes, how: 'changed', packetId: 65_535, released: 4 }],
        queued: 1,
        queuedBytes: 0,
        lastPlace: 2,
        received: [12],
        will: { body: bytes, how: 'later' },
      },
    ],
  )
  assert.deepEqual(
    [...tables.sessions.retained()].flatMap((some) => [...unpacked(some)]),
    [{ tenant: 'acme', topic: 'r', body: bytes }],
  )
  tables.commit(batchOf(2, (to) => to.u8(Operation.dropWill).number(7).u8(Operation.dropSession).number(7)))
  assert.deepEqual(sizes(database), { ...EMPTY, retained: 1, audit: 1 })
})

test('what is asked is answered, each by the number that it brought along', (context) => {
  const { tables } = openedTables(context)
  const answers = tables.commit(
    batchOf(1, (to) => {
      to.u8(Operation.audit).text('acme').text('{"tenant":"acme"}')
      to.u8(Operation.kvSet).number(5).text('acme').text('gate').text('k').blob(Buffer.from('v'))
      to.number(0).number(ROOM).number(ROOM)
      to.u8(Operation.kvGet).number(6).text('acme').text('gate').text('k')
      to.u8(Operation.kvList).number(7).text('acme').text('gate').text('').u8(0).text('').u32(9)
      to.u8(Operation.kvList).number(8).text('acme').text('gate').text('').u8(1).text('k').u32(9)
      to.u8(Operation.kvDelete).number(9).text('acme').text('gate').text('k').number(7)
      to.u8(Operation.readAudit).number(10).u8(1).text('globex').u32(9)
      to.u8(Operation.readAudit).number(11).u8(0).text('').u32(9)
      to.u8(Operation.readQueue)
        .number(2 ** 40)
        .number(1)
        .number(0)
        .u32(9)
    }),
  )
  const entry = { key: 'k', value: 'v', version: 1 }
  assert.deepEqual(answers, [
    { ask: 5, value: { ok: true, version: 1 } },
    { ask: 6, value: entry },
    { ask: 7, value: [entry] },
    { ask: 8, value: [] },
    { ask: 9, value: { ok: false, version: 1 } },
    { ask: 10, value: [] },
    { ask: 11, value: [{ tenant: 'acme' }] },
    { ask: 2 ** 40, value: [] },
  ])
})

test('of a batch that fails nothing is done, and it is done whole when the disk takes it', (context) => {
  const { tables, database } = openedTables(context)
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count'])
  database.exec(`PRAGMA max_page_count = ${pages}`)
  const batch = batchOf(1, (to) => {
    to.u8(Operation.setRetained).text('acme').text('small').blob(Buffer.alloc(10))
    to.u8(Operation.putMessage).number(1).blob(Buffer.alloc(100_000))
    to.u8(Operation.enqueue).number(1).number(1).number(1).text('').u32(0)
  })
  assert.throws(() => tables.commit(batch), /full/)
  assert.deepEqual(sizes(database), { ...EMPTY, audit: 0 })
  assert.equal(tables.lastBatch, 0)
  database.exec(`PRAGMA max_page_count = ${pages + 100}`)
  const again = new StoreTables(database)
  assert.deepEqual(again.commit(batch), [])
  assert.deepEqual(sizes(database), { ...EMPTY, retained: 1, message: 1, queue: 1, audit: 0 })
  assert.equal(again.lastBatch, 1)
})

test('a batch that the disk had taken, though it said otherwise, is not done twice', (context) => {
  const { tables, database } = openedTables(context)
  const batch = batchOf(1, (to) => {
    to.u8(Operation.audit).text('acme').text('{}')
    to.u8(Operation.putMessage).number(1).blob(Buffer.from('body'))
    to.u8(Operation.enqueue).number(1).number(1).number(1).text('').u32(0)
  })
  assert.deepEqual(tables.commit(batch), [])
  assert.equal(new StoreTables(database).commit(batch), null)
  assert.deepEqual(sizes(database), { ...EMPTY, message: 1, queue: 1, audit: 1 })
})

test('another store in the place of the one that was opened is not written to', (context) => {
  const { tables, database } = openedTables(context)
  const batch = batchOf(5, (to) => to.u8(Operation.audit).text('acme').text('{}'))
  assert.throws(() => tables.commit(batch), {
    code: 'ERR_STORE',
    message: /changed under the broker: batch 0 is its last, not 4/,
  })
  assert.equal(sizes(database)['audit'], 0)
})

test('a number that is no operation’s is a fault of the broker, and nothing is done', (context) => {
  const { tables, database } = openedTables(context)
  const batch = batchOf(1, (to) => to.u8(Operation.audit).text('acme').text('{}').u8(99).number(1))
  assert.throws(() => tables.commit(batch), /broken invariant: no operation has the number 99/)
  assert.equal(sizes(database)['audit'], 0)
  assert.equal(database.isTransaction, false)
})
