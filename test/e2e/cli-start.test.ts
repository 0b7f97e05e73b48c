import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { BrokerProcess } from '../support/broker-process.ts'
import { GATE } from '../support/gate-plugin.ts'
import { commandOf, descendants, eventually, isRunning } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'

const CONFIG = {
  listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' }, web: { type: 'ws', bind: '127.0.0.1:0' } },
  plugins: { './gate': { users: ['alice'] } },
}
const FILES = { 'gate/plugin.ts': GATE }
const alice = { username: 'alice' }

const broker = await BrokerProcess.start(CONFIG, FILES)

describe('bulkhead start', { timeout: 60_000 }, () => {
  test('says what listens, who decides, and what stands between plugins and the rest', () => {
    for (const line of [
      /^Bulkhead is running\.$/m,
      /^ {2}listening {2}mqtt:\/\/127\.0\.0\.1:[1-9]\d* {2}\(mqtt\)$/m,
      /^ {2}listening {2}ws:\/\/127\.0\.0\.1:[1-9]\d*\/mqtt {2}\(web\)$/m,
      /^ {2}tenant {5}default: plugins decide who connects; /m,
      /^ {2}plugin {5}gate /m,
      /^ {2}jail {7}\S/m,
    ]) {
      assert.match(broker.stdout, line)
    }
  })

  test('logs what plugins say as theirs', async () => {
    const client = await RawClient.connect(broker.port, 5, { ...alice, clientId: 'a\u2028b' })
    await broker.until(() => broker.log.some(({ msg }) => msg === 'hello'))
    const line = broker.log.find(({ msg }) => msg === 'hello')
    assert.deepEqual(
      [line?.source, line?.plugin, line?.fields],
      ['plugin', 'gate', { clientId: 'a\\u2028b' }],
    )
    client.socket.destroy()
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal}: clients are told 0x8B, and no process is left`, async () => {
      const ending = signal === 'SIGTERM' ? broker : await BrokerProcess.start(CONFIG, FILES)
      const client = await RawClient.connect(ending.port, 5, alice)
      const pids = descendants(ending.child.pid)
      if (process.platform === 'linux') assert.ok(pids.length > 0, 'a cell runs')
      const reason = client.disconnected()
      assert.equal(await ending.end(signal), 0)
      assert.equal(await reason, 0x8b)
      for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    })
  }

  test('killed, it takes its cells with it', { skip: process.platform !== 'linux' }, async () => {
    const killed = await BrokerProcess.start(CONFIG, FILES)
    await RawClient.connect(killed.port, 5, alice)
    const pids = descendants(killed.child.pid)
    assert.ok(pids.length > 0, 'a cell runs')
    await killed.end('SIGKILL')
    await eventually(() => !pids.some(isRunning))
  })

  test('a mistake in the config is said on stderr, with its place; nothing listens', async () => {
    const mistaken = BrokerProcess.spawn({ ...CONFIG, plugins: { './gate': { user: ['alice'] } } }, FILES)
    const [code] = (await once(mistaken.child, 'close')) as [number]
    assert.equal(code, 1)
    assert.match(
      mistaken.stderr,
      /^bulkhead: ERR_PLUGIN_CONFIG: plugin gate: option `user` is unknown; did you mean `users`/,
    )
    assert.equal(mistaken.stdout, '')
  })
})

test('SIGTERM during the start cuts it short: no process is left, nothing was said', {
  skip: process.platform !== 'linux',
  timeout: 60_000,
}, async () => {
  const starting = BrokerProcess.spawn(CONFIG, FILES)
  const isBuilt = (): boolean =>
    descendants(starting.child.pid).some((pid) => commandOf(pid).includes('--allow-child-process'))
  await eventually(isBuilt)
  const pids = descendants(starting.child.pid)
  assert.equal(await starting.end('SIGTERM'), 0)
  assert.deepEqual([starting.stdout, starting.stderr], ['', ''])
  await eventually(() => !pids.some(isRunning))
})
