import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { Anteroom } from '../../../src/transport/anteroom.ts'

const ENDLESS_MS = 60_000

test('whoever shows nothing in time is destroyed, and lost once', async () => {
  const room = new Anteroom(1, 1)
  const socket = new Socket()
  const lost: string[] = []
  const closed = once(socket, 'close')
  room.enter(socket, (how) => lost.push(how))
  // the room does not keep the process alive
  const awake = setInterval(() => undefined, 1000)
  await closed
  clearInterval(awake)
  assert.deepEqual(lost, ['late'])
  assert.equal(room.leave(socket), false)
})

test('who leaves makes room, and is nobody that could be lost', async () => {
  const room = new Anteroom(1, ENDLESS_MS)
  const [first, second] = [new Socket(), new Socket()]
  const lost: string[] = []
  assert.ok(room.enter(first, (how) => lost.push(how)))
  assert.ok(!room.enter(second, (how) => lost.push(how)))
  assert.ok(room.leave(first))
  assert.ok(room.enter(second, (how) => lost.push(how)))
  const closed = [once(first, 'close'), once(second, 'close')]
  first.destroy()
  room.close()
  await Promise.all(closed)
  assert.deepEqual(lost, ['gone'])
})
