import assert from 'node:assert/strict'
import type { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { BodyTable } from '../../../../src/engine/sqlite/body-table.ts'
import { openedDatabase } from '../../../support/recorded-store.ts'

const BODY = new Uint8Array([1, 2, 3])

function mids(database: DatabaseSync): readonly number[] {
  return database
    .prepare('SELECT mid FROM message ORDER BY mid')
    .all()
    .map(({ mid }) => Number(mid))
}

test('a body is written when somebody holds it, and gone when its batch ends without one', (context) => {
  const database = openedDatabase(context)
  const bodies = new BodyTable(database)
  for (const mid of [1, 2, 3, 5, 6]) bodies.put(mid, BODY)
  assert.deepEqual(mids(database), [])
  for (const mid of [1, 2, 3, 5]) bodies.hold(mid)
  bodies.sweep()
  assert.deepEqual([mids(database), bodies.last], [[1, 2, 3, 5], 5])
  for (const mid of [1, 2, 5]) bodies.leave(mid)
  assert.deepEqual(mids(database), [1, 2, 3, 5], 'somebody may yet hold it again')
  bodies.hold(2)
  bodies.sweep()
  assert.deepEqual(mids(database), [2, 3])
})

test('a body that several hold goes with the last of them', (context) => {
  const database = openedDatabase(context)
  const bodies = new BodyTable(database)
  bodies.put(1, BODY)
  for (let holder = 0; holder < 3; holder += 1) bodies.hold(1)
  for (let holder = 0; holder < 3; holder += 1) {
    bodies.sweep()
    assert.deepEqual(mids(database), [1])
    bodies.leave(1)
  }
  bodies.sweep()
  assert.deepEqual(mids(database), [])
})
