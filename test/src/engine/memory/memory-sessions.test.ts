import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemorySessions } from '../../../../src/engine/memory/memory-sessions.ts'

test('a session is opened within the call, and is the very object that was saved', () => {
  const sessions = new MemorySessions<object, object>(() => null)
  const session = {}
  const stored: (object | null)[] = []
  const opener = {
    opened: (epoch: number, found: object | null) => {
      stored.push(found)
      sessions.save('acme', 'ann', epoch, session, Number.POSITIVE_INFINITY)
    },
  }
  sessions.open('acme', 'ann', false, opener)
  sessions.open('acme', 'ann', false, opener)
  assert.equal(stored[0], null)
  assert.equal(stored[1], session)
})
