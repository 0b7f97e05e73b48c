import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Doorway, Places } from '../../../src/transport/doorway.ts'

const GRACE_MS = 100

/** A doorway with room for one newcomer who waits, and whom it let in or turned away. */
function doorwayTo(...most: readonly number[]): {
  doorway: Doorway
  places: readonly Places[]
  letIn: Socket[]
  full: (readonly [remoteAddress: string, most: number])[]
} {
  const places = most.map((each) => new Places(each))
  const letIn: Socket[] = []
  const full: [string, number][] = []
  const doorway = new Doorway(places, 1, GRACE_MS, {
    letIn: (socket) => letIn.push(socket),
    full: (...how) => full.push(how),
  })
  return { doorway, places, letIn, full }
}

function newcomer(): Socket {
  const stream = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() })
  return Object.assign(stream, { remoteAddress: '192.0.2.7' }) as unknown as Socket
}

test('a newcomer takes a place of each kind until it is closed, and is let in at once', async () => {
  const { doorway, places, letIn } = doorwayTo(1, 2)
  const socket = newcomer()
  doorway.admit(socket)
  assert.deepEqual(letIn, [socket])
  assert.deepEqual(
    places.map(({ isFull }) => isFull),
    [true, false],
  )
  socket.destroy()
  await turn()
  assert.deepEqual(
    places.map(({ isFull }) => isFull),
    [false, false],
  )
})

test('where one kind is full it waits; it is let in if a place is free by then', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { doorway, letIn, full } = doorwayTo(5, 1)
  const [first, second] = [newcomer(), newcomer()]
  doorway.admit(first)
  doorway.admit(second)
  assert.deepEqual([letIn, full], [[first], []])
  first.destroy()
  await turn()
  t.mock.timers.tick(GRACE_MS)
  assert.deepEqual(letIn, [first, second])
})

test('who finds no place in the end is destroyed and told of, with what was full', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { doorway, letIn, full } = doorwayTo(5, 1)
  const late = newcomer()
  doorway.admit(newcomer())
  doorway.admit(late)
  t.mock.timers.tick(GRACE_MS)
  assert.equal(letIn.length, 1)
  assert.deepEqual(full, [['192.0.2.7', 1]])
  assert.equal(late.destroyed, true)
})

test('no more wait than may: the next one is turned away at once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { doorway, full } = doorwayTo(0)
  const sockets = [newcomer(), newcomer()]
  for (const socket of sockets) doorway.admit(socket)
  assert.deepEqual(
    sockets.map(({ destroyed }) => destroyed),
    [false, true],
  )
  assert.equal(full.length, 1)
})

test('who goes while it waits is neither let in nor told of, and its error is nobody’s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { doorway, letIn, full } = doorwayTo(0)
  const socket = newcomer()
  doorway.admit(socket)
  socket.destroy(new Error('reset'))
  await turn()
  t.mock.timers.tick(GRACE_MS)
  assert.deepEqual([letIn, full], [[], []])
})

test('a doorway that is closed lets nobody in any more', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { doorway, letIn, full } = doorwayTo(0)
  const socket = newcomer()
  doorway.admit(socket)
  doorway.close()
  t.mock.timers.tick(GRACE_MS)
  assert.equal(socket.destroyed, true)
  assert.deepEqual([letIn, full], [[], []])
})
