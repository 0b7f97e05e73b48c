import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMessage, type Message } from '../../src/codec/message.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { MemoryEngine } from '../../src/engine/memory/memory-engine.ts'
import { SqliteEngine } from '../../src/engine/sqlite/sqlite-engine.ts'
import { engineOf, type LeftTenant, startEngine } from '../../src/open-engine.ts'
import type { Session } from '../../src/session/session.ts'
import { StagedRealm } from '../support/staged-realm.ts'
import { dataFolder } from '../support/sqlite-engine.ts'

test('a data folder is what makes state outlive the process, unless the operator wants none of it', () => {
  assert.ok(engineOf({ data: undefined, durability: 'fsync' }) instanceof MemoryEngine)
  assert.ok(engineOf({ data: '/nowhere', durability: 'memory' }) instanceof MemoryEngine)
  assert.ok(engineOf({ data: '/nowhere', durability: 'os' }) instanceof SqliteEngine)
})

test('the sessions of a tenant that is not in the config are told of, and stay for the config that has it', async () => {
  const data = dataFolder()
  const ports = {
    route: () => false,
    tenants: () => undefined,
    settled: () => undefined,
    troubled: (why: string | null) => assert.fail(`${why}`),
    lost: (why: string) => assert.fail(why),
  }
  const { node } = await StagedRealm.open()
  const left: LeftTenant[] = []
  const start = async (): Promise<Engine<Message, Session>> => {
    const engine = engineOf({ data, durability: 'os' })
    await startEngine(engine, { ...ports, left: (found) => left.push(found) }, node, new Map())
    return engine
  }
  const first = await start()
  const message = createMessage({ topic: 'a', payload: Buffer.from('payload'), qos: 1, retain: false })
  for (const clientId of ['ann', 'bob']) {
    first.sessions.open('gone', clientId, false, {
      opened: (_epoch, _stored, log) => {
        log?.describe('')
        log?.will(message, '')
        for (let n = 0; n < 3; n += 1) log?.owed(message, '', 0)
      },
    })
  }
  await first.stop()
  assert.deepEqual(left, [])
  const expected = { tenant: 'gone', sessions: 2, messages: 6, bytes: 8 * 'apayload'.length }
  for (const times of [1, 2]) {
    await (await start()).stop()
    assert.deepEqual(
      left,
      Array.from({ length: times }, () => expected),
    )
  }
})
