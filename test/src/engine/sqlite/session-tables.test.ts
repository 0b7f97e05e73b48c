import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { SessionTables } from '../../../../src/engine/sqlite/session-tables.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

function stage() {
  const database = openStore(dataFolder(), 'os')
  const bodies = () =>
    database
      .prepare('SELECT mid FROM message')
      .all()
      .map((row) => row['mid'])
  return { database, tables: new SessionTables(database), bodies }
}

test('a body is there as long as a queue has it, also for who has opened the store since', () => {
  const { database, tables, bodies } = stage()
  tables.putMessage(1, Buffer.from('shared'))
  tables.enqueue(7, 1, 1, '{}', 0)
  tables.enqueue(8, 1, 1, '{}', 0)
  tables.sweep()
  tables.dequeue(7, 1)
  tables.sweep()
  assert.deepEqual(bodies(), [1])
  const later = new SessionTables(database)
  later.dequeue(8, 1)
  later.sweep()
  assert.deepEqual(bodies(), [])
})

test('a body that no queue has taken goes with its batch', () => {
  const { tables, bodies } = stage()
  tables.putMessage(1, Buffer.from('for nobody'))
  assert.equal(tables.lastMid, 1)
  tables.sweep()
  assert.deepEqual(bodies(), [])
})

test('a session comes back with all that is its own, and ends with all of it', () => {
  const { tables, bodies } = stage()
  tables.putSession(7, 'acme', 'ann', 3, 'about', Number.POSITIVE_INFINITY)
  tables.putSubscription(7, 'a/#', 'how')
  for (const mid of [1, 2, 3]) {
    tables.putMessage(mid, Buffer.from(`m${mid}`))
    tables.enqueue(7, mid, mid, `how ${mid}`, mid === 1 ? 9 : 0)
  }
  tables.release(7, 1)
  tables.launch(7, 2, 10)
  tables.receive(7, 42)
  tables.putWill(7, Buffer.from('will'), 'how')
  tables.expireSession(7, 1000)
  tables.sweep()
  const [row, ...others] = [...tables.sessions(2)]
  assert.deepEqual(others, [])
  assert.deepEqual(
    {
      ...row,
      queue: row?.queue.map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body).toString() })),
      will: row?.will?.how,
    },
    {
      sid: 7,
      tenant: 'acme',
      client: 'ann',
      epoch: 3,
      about: 'about',
      expiresAt: 1000,
      subscriptions: [['a/#', 'how']],
      queue: [
        { place: 1, body: 'm1', how: 'how 1', packetId: 9, released: true },
        { place: 2, body: 'm2', how: 'how 2', packetId: 10, released: false },
      ],
      queued: 3,
      queuedBytes: 2,
      lastPlace: 3,
      received: [42],
      will: 'how',
    },
  )
  tables.forget(7, 42)
  tables.dropWill(7)
  tables.dropSubscription(7, 'a/#')
  const [bare] = [...tables.sessions(0)]
  assert.deepEqual([bare?.received, bare?.will, bare?.subscriptions], [[], null, []])
  tables.dropSession(7)
  tables.sweep()
  assert.deepEqual([[...tables.sessions(9)], bodies()], [[], []])
})

test('a topic has one retained message', () => {
  const { tables } = stage()
  for (const text of ['first', 'second']) tables.setRetained('acme', 't', Buffer.from(text))
  tables.setRetained('globex', 't', Buffer.from('other'))
  tables.clearRetained('globex', 't')
  const kept = [...tables.retained()].map(({ tenant, topic, body }) => [
    tenant,
    topic,
    Buffer.from(body).toString(),
  ])
  assert.deepEqual(kept, [['acme', 't', 'second']])
})
