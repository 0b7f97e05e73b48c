import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BACKLOG_BYTES, LINGER_BYTES, OUT_BYTES_A_TURN, PACKET_COST } from '../../../src/base/limits.ts'
import { Traffic } from '../../../src/base/traffic.ts'
import { TickEnd } from '../../../src/base/tick-end.ts'
import type { WorkTurns } from '../../../src/base/work-turns.ts'
import type { Framer } from '../../../src/codec/framer.ts'
import { Connection, type FrameReader } from '../../../src/transport/connection.ts'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { CountedTurns, endlessTurns } from '../../support/turns.ts'
import { CONNECT, hex } from '../codec/framed.ts'
import { StagedWire } from './staged-wire.ts'

const { port } = await startBroker({ anonymous: true })

const PING = hex('c000')
const CONNECT_BYTE = 0x10
const PING_BYTE = 0xc0

/** A connection on a staged wire, and what its reader was told. */
class Stage implements FrameReader {
  readonly wire: StagedWire = new StagedWire()
  readonly connection: Connection
  readonly traffic = new Traffic()
  readonly told: (number | string)[] = []
  /** What the reader does in the midst of a frame. */
  onFrame: () => void = () => undefined

  constructor(turns: WorkTurns = endlessTurns()) {
    this.connection = new Connection(new TickEnd(), turns, 1000, this.traffic)
    this.connection.open(this.wire, this, () => void this.told.push('closed'))
  }

  frame({ firstByte }: Framer): void {
    this.told.push(firstByte)
    this.onFrame()
  }

  malformed(reasonCode: number): void {
    this.told.push(`malformed ${reasonCode}`)
  }

  ended(error: Error | null): void {
    this.told.push(error === null ? 'ended' : `ended: ${error.message}`)
  }

  relieved(): void {
    this.told.push('relieved')
  }

  say(bytes: number): void {
    const { out } = this.connection
    out.append(Buffer.alloc(bytes), 0, bytes)
  }
}

describe('reading', () => {
  test('hands over the frames of a chunk one after the other', () => {
    const { connection, told } = new Stage()
    connection.data(Buffer.concat([CONNECT, PING, PING.subarray(0, 1)]))
    assert.deepEqual(told, [CONNECT_BYTE, PING_BYTE])
    connection.data(PING.subarray(1))
    assert.deepEqual(told, [CONNECT_BYTE, PING_BYTE, PING_BYTE])
  })

  test('stops where it is held, even in the midst of a chunk; holds add up', () => {
    const stage = new Stage()
    const { connection, wire, told } = stage
    stage.onFrame = () => connection.hold()
    connection.data(Buffer.concat([CONNECT, PING]))
    connection.hold()
    assert.deepEqual([told, wire.isPaused], [[CONNECT_BYTE], true])
    connection.release()
    assert.deepEqual([told, wire.isPaused], [[CONNECT_BYTE], true])
    stage.onFrame = () => undefined
    connection.release()
    assert.deepEqual([told, wire.isPaused], [[CONNECT_BYTE, PING_BYTE], false])
  })

  test('goes on by itself when the hold is released within the frame', () => {
    const stage = new Stage()
    stage.onFrame = () => {
      stage.connection.hold()
      stage.connection.release()
    }
    stage.connection.data(Buffer.concat([CONNECT, PING, PING]))
    assert.deepEqual(stage.told, [CONNECT_BYTE, PING_BYTE, PING_BYTE])
  })

  test('ends at what is no MQTT', () => {
    const { connection, told } = new Stage()
    connection.data(Buffer.concat([CONNECT, hex('00'), PING]))
    assert.deepEqual(told, [CONNECT_BYTE, 'malformed 130'])
  })
})

const PACKETS = 7
/** Time for so many short packets a turn. */
const turnsOf = (packets: number): CountedTurns => new CountedTurns(packets * PACKET_COST)

/** What each of the next turns hands over, until so many frames have come. */
async function framesByTurn({ told }: Stage, frames: number): Promise<readonly number[]> {
  const counts = [told.length]
  while (told.length < frames) {
    await nextTurn()
    counts.push(told.length)
  }
  return counts
}

describe('the time of a turn', () => {
  test('bounds what is read in it: the rest of a chunk waits, and nothing new is read meanwhile', async () => {
    const stage = new Stage(turnsOf(3))
    stage.connection.data(Buffer.concat([CONNECT, ...Array.from({ length: PACKETS - 1 }, () => PING)]))
    assert.equal(stage.wire.isPaused, true)
    assert.deepEqual(await framesByTurn(stage, PACKETS), [3, 6, 7])
    assert.equal(stage.wire.isPaused, false)
  })

  test('is one for all connections: who comes when it is used up waits as well', async () => {
    const turns = turnsOf(2)
    const [loud, quiet] = [new Stage(turns), new Stage(turns)]
    quiet.connection.owner = 'acme'
    loud.connection.data(Buffer.concat([CONNECT, ...Array.from({ length: 9 }, () => PING)]))
    quiet.connection.data(CONNECT)
    assert.deepEqual([loud.told.length, quiet.told.length], [2, 0])
    await framesByTurn(quiet, 1)
    assert.ok(loud.told.length < 10, 'who has one packet does not wait for who has many')
    await framesByTurn(loud, 10)
  })

  test('is awaited by a client that has left: its packets are read, and then its end', async () => {
    const stage = new Stage(turnsOf(2))
    stage.connection.data(Buffer.concat([CONNECT, PING, PING, PING]))
    stage.connection.ended(null)
    assert.deepEqual(stage.told, [CONNECT_BYTE, PING_BYTE])
    await framesByTurn(stage, 6)
    assert.deepEqual(stage.told.slice(2), [PING_BYTE, PING_BYTE, 'ended', 'closed'])
  })

  test('is for ends as well: of many at once, some are told of in a later turn', async () => {
    const turns = turnsOf(1)
    const stages = [new Stage(turns), new Stage(turns), new Stage(turns)]
    for (const { connection } of stages) connection.ended(null)
    const gone = (): number => stages.filter(({ told }) => told.includes('closed')).length
    assert.equal(gone(), 1)
    while (gone() < stages.length) await nextTurn()
  })
})

describe('a peer that is gone', () => {
  test('is news at once where nothing waits', () => {
    const { connection, told } = new Stage()
    connection.ended(new Error('reset'))
    connection.ended(null)
    assert.deepEqual(told, ['ended: reset', 'closed'])
  })

  test('is heard to its end: frames that are held are read before', () => {
    const stage = new Stage()
    const { connection, told } = stage
    stage.onFrame = () => connection.hold()
    connection.data(Buffer.concat([CONNECT, PING, PING]))
    connection.ended(null)
    assert.deepEqual(told, [CONNECT_BYTE])
    connection.release()
    stage.onFrame = () => undefined
    connection.release()
    assert.deepEqual(told, [CONNECT_BYTE, PING_BYTE, PING_BYTE, 'ended', 'closed'])
  })

  test('is not waited for when we end the connection meanwhile', () => {
    const { connection, told } = new Stage()
    connection.hold()
    connection.ended(null)
    connection.end()
    assert.deepEqual(told, ['ended', 'closed'])
  })
})

describe('writing', () => {
  test('gathers what leaves in a turn into one write', async () => {
    const stage = new Stage()
    for (let i = 0; i < 10; i++) stage.say(100)
    assert.equal(stage.wire.written.length, 0)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(
      stage.wire.written.map(({ length }) => length),
      [1000],
    )
  })

  test('does not gather more than a turn’s share', () => {
    const stage = new Stage()
    stage.say(OUT_BYTES_A_TURN)
    stage.say(1)
    assert.deepEqual(
      stage.wire.written.map(({ length }) => length),
      [OUT_BYTES_A_TURN],
    )
  })

  test('ends with what was gathered, and discards what still comes', () => {
    const stage = new Stage()
    const { connection, wire, told } = stage
    stage.say(4)
    connection.end()
    assert.deepEqual([wire.written.length, wire.isEnded], [1, true])
    connection.data(CONNECT)
    stage.say(4)
    connection.flush()
    assert.deepEqual([told, wire.written.length], [[], 1])
    connection.ended(null)
    assert.deepEqual(told, ['ended', 'closed'])
  })

  for (const who of ['told', 'untold'] as const) {
    test(`discards so much of who is ${who} why, and destroys who still sends more`, () => {
      const stage = new Stage()
      const { connection, wire } = stage
      if (who === 'told') stage.say(4)
      connection.end()
      const half = Buffer.alloc(LINGER_BYTES[who] / 2)
      for (let chunks = 0; chunks < 2; chunks += 1) connection.data(half)
      assert.equal(wire.isDestroyed, false)
      connection.data(Buffer.of(0))
      assert.equal(wire.isDestroyed, true)
      connection.ended(null)
    })
  }

  test('shows whole packets to whoever watches', () => {
    const stage = new Stage()
    const seen: number[] = []
    stage.connection.watchWrites = ({ length }) => void seen.push(length)
    stage.say(4)
    stage.connection.flush()
    assert.deepEqual(seen, [4])
  })
})

describe('a peer that takes nothing', () => {
  test('is not read either, until all that matters has left', () => {
    const stage = new Stage()
    const { connection, wire, told } = stage
    wire.backlog = BACKLOG_BYTES + 1
    stage.say(1)
    connection.flush()
    assert.deepEqual([connection.congested, wire.isPaused], [true, true])
    connection.drained() // some of it
    assert.deepEqual([told, wire.isPaused], [[], true])
    wire.backlog = 0
    connection.drained()
    assert.deepEqual([told, wire.isPaused, connection.congested], [['relieved'], false, false])
  })

  test('is not held back by us, unless it is held for another reason, too', () => {
    const stage = new Stage()
    const { connection, wire } = stage
    wire.backlog = BACKLOG_BYTES + 1
    stage.say(1)
    connection.flush()
    assert.equal(connection.heldBack, false)
    connection.hold()
    assert.equal(connection.heldBack, true)
    wire.backlog = 0
    connection.drained()
    assert.equal(connection.heldBack, true)
    connection.release()
    assert.equal(connection.heldBack, false)
  })

  test('and leaves is gone, though it was held for that', () => {
    const stage = new Stage()
    stage.wire.backlog = BACKLOG_BYTES + 1
    stage.say(1)
    stage.connection.flush()
    stage.connection.ended(null)
    assert.deepEqual(stage.told, ['ended', 'closed'])
  })

  test('on a real socket: loses QoS 0, keeps QoS 1, and slows nobody', async () => {
    const slow = await RawClient.connect(port)
    await slow.subscribe({ topic: 'flood', qos: 1 })
    slow.socket.pause()
    const publisher = await RawClient.connect(port)
    await publisher.subscribe({ topic: 'flood', qos: 0 })
    const payload = Buffer.alloc(32 * 1024)
    const count = 1000
    for (let i = 0; i < count; i++) {
      publisher.publish({ topic: 'flood', payload })
      await publisher.expect('publish')
    }
    publisher.publish({ topic: 'flood', payload: 'end', qos: 1, messageId: 1 })
    await publisher.expect('publish')
    slow.socket.resume()
    let received = 0
    for (;;) {
      const packet = await slow.expect('publish')
      if (packet.qos === 1) break
      received += 1
    }
    assert.ok(received < count, `${received} of ${count}`)
  })
})
