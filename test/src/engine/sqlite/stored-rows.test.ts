import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { STORE } from '../../../../src/base/limits.ts'
import { storedRetained, storedSessions, unpacked } from '../../../../src/engine/sqlite/stored-rows.ts'
import { anyText } from '../../../support/any-text.ts'
import { openedDatabase } from '../../../support/recorded-store.ts'

const body = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
  fc.constant(new Uint8Array(STORE.packedBytes).fill(0xff)),
  fc.constant(new Uint8Array(STORE.packedBytes + 1).fill(0x80)),
)
const retained = fc.uniqueArray(
  fc.tuple(fc.constantFrom('acme', 'globex'), anyText({ maxLength: 9 }), body),
  {
    selector: ([tenant, topic]) => `${tenant} ${topic}`,
    maxLength: 12,
  },
)

const inOrder = (rows: readonly (readonly [string, string, Uint8Array])[]) =>
  rows.map(([tenant, topic, bytes]) => `${tenant} ${topic} ${Buffer.from(bytes).toString('hex')}`).toSorted()

test('retained messages are read as they were written, byte for byte, whatever their bytes are', (context) => {
  const database = openedDatabase(context)
  const write = database.prepare('INSERT INTO retained (tenant, topic, body) VALUES (?, ?, ?)')
  fc.assert(
    fc.property(retained, (written) => {
      database.exec('DELETE FROM retained')
      for (const row of written) write.run(...row)
      const read = [...storedRetained(database)].flatMap((some) => [...unpacked(some)])
      assert.deepEqual(
        inOrder(read.map(({ tenant, topic, body: bytes }) => [tenant, topic, bytes] as const)),
        inOrder(written),
      )
    }),
    { numRuns: 60 },
  )
})

test('each session is read with what is its own, though others beside it have nothing, or are gone', (context) => {
  const database = openedDatabase(context)
  for (const sid of [2, 3, 5]) {
    database.prepare(`INSERT INTO session VALUES (?, 'acme', ?, 1, 'about', 9e999)`).run(sid, `client ${sid}`)
  }
  for (const sid of [1, 2, 2, 4, 5]) {
    const filters = Number(database.prepare('SELECT count(*) AS n FROM subscription').get()?.['n'])
    database.prepare('INSERT INTO subscription VALUES (?, ?, ?)').run(sid, `f/${filters}`, 'how')
    database.prepare('INSERT INTO received VALUES (?, ?)').run(sid, 10 + filters)
  }
  const asked: number[] = []
  database.exec(`
    INSERT INTO message VALUES (1, x'01'), (2, x'0203');
    INSERT INTO queue VALUES (3, 7, 1, 'how', 0, 0, 0), (3, 8, 2, 'how', 0, 0, 0);
    INSERT INTO will VALUES (4, x'01', 'not asked for'), (5, x'02', 'later')`)
  const rows = [
    ...storedSessions(database, (sid) => {
      asked.push(sid)
      return []
    }),
  ]
  assert.deepEqual(
    rows.map(({ sid, subscriptions, received, will }) => [
      sid,
      subscriptions.map(([filter]) => filter),
      received,
      will?.how,
    ]),
    [
      [2, ['f/1', 'f/2'], [11, 12], undefined],
      [3, [], [], undefined],
      [5, ['f/4'], [14], 'later'],
    ],
  )
  assert.deepEqual(asked, [3], 'a queue that is empty is not read')
  assert.deepEqual([rows[1]?.queued, rows[1]?.queuedBytes, rows[1]?.lastPlace], [2, 3, 8])
})
