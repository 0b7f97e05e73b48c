import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EnginePorts, StoredSession, Ticket } from '../../../../src/engine/engine.ts'
import type { SqliteEngine } from '../../../../src/engine/sqlite/sqlite-engine.ts'
import { dataFolder, newSqliteEngine } from '../../../support/sqlite-engine.ts'
import { eventually } from '../../../support/processes.ts'

interface Text {
  readonly text: string
}

const QUIET: EnginePorts<Text, object> = {
  route: (_tenant, _message, routed) => {
    routed?.()
    return true
  },
  settled: () => undefined,
  restored: () => null,
  troubled: () => undefined,
}

async function started(folder: string, ports: Partial<EnginePorts<Text, object>> = {}) {
  const engine: SqliteEngine<Text, object> = newSqliteEngine<Text, object>(folder)
  await engine.start({ ...QUIET, ...ports })
  return engine
}

test('what one process was told is there for the next: sessions, what they are owed, retained messages', async () => {
  const folder = dataFolder()
  const first = await started(folder)
  first.retained.set('acme', 'lamp', { text: 'on' })
  first.sessions.open('acme', 'ann', false, {
    opened: (epoch, _stored, log) => {
      log?.describe('about ann')
      log?.subscribed('a/#', 'how')
      log?.owed({ text: 'one' }, 'how one', 0)
      log?.settled(log.owed({ text: 'two' }, 'how two', 5))
      log?.received(9)
      first.sessions.save('acme', 'ann', epoch, {}, 5000)
    },
  })
  await first.stop()
  const restored: StoredSession<Text>[] = []
  const second = await started(folder, {
    restored: (session) => {
      restored.push(session)
      return {}
    },
  })
  const [session] = restored
  assert.deepEqual(
    { ...session, log: null },
    {
      tenant: 'acme',
      clientId: 'ann',
      epoch: 1,
      about: 'about ann',
      expiresAt: 5000,
      subscriptions: [['a/#', 'how']],
      owed: [{ place: 1, message: { text: 'one' }, how: 'how one', packetId: 0, released: false }],
      owedCount: 1,
      owedBytes: 0,
      received: [9],
      will: null,
      log: null,
    },
  )
  assert.equal(second.retained.count('acme'), 1)
  assert.equal(second.sessions.count('acme'), 1)
  await second.stop()
})

test('a publish that nothing was written for is settled at once; one that was, when it is safe', async () => {
  const settled: Ticket[] = []
  let write: (() => void) | null = null
  const engine = await started(dataFolder(), {
    route: (_tenant, _message, routed) => {
      write?.()
      routed?.()
      return false
    },
    settled: (upTo) => void settled.push(upTo),
  })
  assert.equal(engine.publish('acme', { text: 'to nobody' }), -1)
  write = () => void engine.retained.clear('acme', 't')
  const ticket = engine.publish('acme', { text: 'to somebody' })
  assert.ok(ticket > 0)
  assert.deepEqual(settled, [])
  await eventually(() => settled.at(-1) === ticket)
  await engine.stop()
})

test('a publish that is still on its way holds back those behind it', async () => {
  const settled: Ticket[] = []
  const routed: (() => void)[] = []
  const engine = await started(dataFolder(), {
    route: (_tenant, _message, done) => {
      if (done !== null) routed.push(done)
      return true
    },
    settled: (upTo) => void settled.push(upTo),
  })
  const tickets = ['slow', 'quick'].map((text) => engine.publish('acme', { text }))
  routed[1]?.()
  assert.deepEqual(settled, [])
  routed[0]?.()
  assert.deepEqual(settled, [tickets[1]])
  await engine.stop()
})
