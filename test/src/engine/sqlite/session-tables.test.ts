import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { SessionTables } from '../../../../src/engine/sqlite/session-tables.ts'
import { openedDatabase } from '../../../support/recorded-store.ts'

const FOR_EVER = Number.POSITIVE_INFINITY

function opened(context: TestContext): { database: DatabaseSync; tables: SessionTables } {
  const database = openedDatabase(context)
  return { database, tables: new SessionTables(database) }
}

function mids(database: DatabaseSync, table: 'message' | 'queue'): readonly number[] {
  const changed = table === 'queue' ? 'UNION SELECT form FROM queue WHERE form > 0' : ''
  return database
    .prepare(`SELECT mid FROM ${table} ${changed} GROUP BY mid ORDER BY mid`)
    .all()
    .map(({ mid }) => Number(mid))
}

const body = (text: string) => new Uint8Array(Buffer.from(text))

test('a body is there as long as a queue has it, and goes with its last place', (context) => {
  const { database, tables } = opened(context)
  tables.putMessage(1, body('one'))
  tables.enqueue(1, 1, 1, '', 0)
  tables.enqueue(2, 1, 1, '', 0)
  tables.sweep()
  tables.dequeue(1, 1)
  tables.sweep()
  assert.deepEqual(mids(database, 'message'), [1])
  tables.dropSession(2)
  assert.deepEqual(mids(database, 'message'), [1], 'a batch may yet queue it again')
  tables.sweep()
  assert.deepEqual(mids(database, 'message'), [])
})

test('a body that nobody queues goes at the end of its batch', (context) => {
  const { database, tables } = opened(context)
  tables.putMessage(1, body('one'))
  tables.sweep()
  assert.deepEqual(mids(database, 'message'), [])
})

test('what a message was sent as is there as long as its place, and shared with others', (context) => {
  const { database, tables } = opened(context)
  for (const mid of [1, 2]) tables.putMessage(mid, body(`${mid}`))
  for (const sid of [1, 2]) {
    tables.enqueue(sid, 1, 1, 'q', 7)
    tables.change(sid, 1, 2, 'changed')
  }
  tables.change(3, 1, 2, 'a place that is not there')
  tables.dequeue(1, 1)
  tables.sweep()
  assert.deepEqual(mids(database, 'message'), [1, 2])
  const [entry] = tables.readQueue(2, 0, 1)
  assert.deepEqual([entry?.form, entry?.how], [body('2'), 'changed'])
  tables.dequeue(2, 1)
  tables.sweep()
  assert.deepEqual(mids(database, 'message'), [])
})

/** Numbers of bodies that messages are changed into. */
const FORM = 1000

type Step = readonly ['put' | 'change' | 'dequeue' | 'drop' | 'sweep' | 'reopen', sid: number, place: number]

test('whatever is queued, settled, dropped and reopened: there are the bodies that queues have, no others', (context) => {
  const database = openedDatabase(context)
  const kind = fc.constantFrom('put', 'put', 'change', 'dequeue', 'dequeue', 'drop', 'sweep', 'reopen')
  const step: fc.Arbitrary<Step> = fc.tuple(kind, fc.integer({ min: 1, max: 3 }), fc.nat(4))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      database.exec('BEGIN')
      try {
        let tables = new SessionTables(database)
        let place = 0
        for (const [what, sid, which] of steps) {
          if (what === 'put') {
            place += 1
            tables.putMessage(place, body('m'))
            for (let to = 1; to <= sid; to += 1) tables.enqueue(to, place, place, '', 0)
          } else if (what === 'change') {
            tables.putMessage(FORM + place, body('c'))
            tables.change(sid, place, FORM + place, '')
            place += 1
          } else if (what === 'dequeue') tables.dequeue(sid, place - which)
          else if (what === 'drop') tables.dropSession(sid)
          else {
            tables.sweep()
            assert.deepEqual(mids(database, 'message'), mids(database, 'queue'))
            if (what === 'reopen') tables = new SessionTables(database)
          }
        }
        tables.sweep()
        assert.deepEqual(mids(database, 'message'), mids(database, 'queue'))
      } finally {
        database.exec('ROLLBACK')
      }
    }),
  )
})

test('a session that is described again keeps what it has, and its owner’s epoch', (context) => {
  const { tables } = opened(context)
  tables.putSession(1, 'acme', 'ann', 1, 'first', FOR_EVER)
  tables.putSubscription(1, 'a', 'old')
  tables.putSubscription(1, 'a', 'new')
  tables.expireSession(1, 1000)
  tables.putSession(1, 'acme', 'ann', 2, 'second', FOR_EVER)
  const [row, more] = [...tables.sessions(10)]
  assert.equal(more, undefined)
  assert.deepEqual([row?.epoch, row?.about, row?.expiresAt], [2, 'second', FOR_EVER])
  assert.deepEqual(row?.subscriptions, [['a', 'new']])
})

test('what is dropped of one session is not dropped of another', (context) => {
  const { tables } = opened(context)
  for (const sid of [1, 2]) {
    tables.putSession(sid, 'acme', `client ${sid}`, sid, '', FOR_EVER)
    tables.putSubscription(sid, 'a', '')
    tables.receive(sid, 5)
    tables.receive(sid, 5)
    tables.putWill(sid, body('will'), '')
  }
  tables.dropSubscription(1, 'a')
  tables.forget(1, 5)
  tables.dropWill(1)
  const [first, second] = [...tables.sessions(10)]
  assert.deepEqual([first?.subscriptions, first?.received, first?.will], [[], [], null])
  assert.deepEqual([second?.subscriptions, second?.received], [[['a', '']], [5]])
  tables.dropSession(1)
  assert.deepEqual(
    [...tables.sessions(10)].map(({ sid, will }) => [sid, will?.how]),
    [[2, '']],
  )
})

test('all that was sent is read along, however much it is: by what waits nobody knows its identifiers', (context) => {
  const { tables } = opened(context)
  tables.putSession(1, 'acme', 'ann', 1, '', FOR_EVER)
  for (let place = 1; place <= 7; place += 1) {
    tables.putMessage(place, body('x'))
    tables.enqueue(1, place, place, '', place <= 4 ? place : 0)
  }
  const [row] = [...tables.sessions(2)]
  assert.deepEqual(
    row?.queue.map(({ place, packetId }) => [place, packetId]),
    [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 0],
      [6, 0],
    ],
  )
  assert.deepEqual([row?.queued, row?.queuedBytes], [7, 1])
})

test('a queue is read in order, window after window; the rest is counted', (context) => {
  const { tables } = opened(context)
  tables.putSession(1, 'acme', 'ann', 1, '', FOR_EVER)
  for (let place = 1; place <= 7; place += 1) {
    tables.putMessage(place, body('x'.repeat(place)))
    tables.enqueue(1, place, place, `${place}`, 0)
  }
  tables.dequeue(1, 2)
  const [row] = [...tables.sessions(3)]
  assert.deepEqual(
    row?.queue.map(({ place }) => place),
    [1, 3, 4],
  )
  assert.deepEqual([row?.queued, row?.queuedBytes, row?.lastPlace], [6, 5 + 6 + 7, 7])
  const read = (after: number) => tables.readQueue(1, after, 2).map(({ place }) => place)
  assert.deepEqual([read(0), read(3), read(5), read(7)], [[1, 3], [4, 5], [6, 7], []])
})

test('a topic has one retained message, each tenant its own', (context) => {
  const { tables } = opened(context)
  tables.setRetained('acme', 'a', body('first'))
  tables.setRetained('acme', 'a', body('second'))
  tables.setRetained('globex', 'a', body('of globex'))
  tables.clearRetained('globex', 'b')
  const rows = [...tables.retained()].map(({ tenant, body: it }) => [tenant, Buffer.from(it).toString()])
  assert.deepEqual(rows, [
    ['acme', 'second'],
    ['globex', 'of globex'],
  ])
  tables.clearRetained('acme', 'a')
  assert.equal([...tables.retained()].length, 1)
})

test('bodies are numbered on from the highest that is there', (context) => {
  const { tables } = opened(context)
  assert.equal(tables.lastMid, 0)
  tables.putMessage(2 ** 40, body('far'))
  assert.equal(tables.lastMid, 2 ** 40)
})
