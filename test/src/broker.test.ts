import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { after, describe, test } from 'node:test'
import { createBroker } from '../../src/index.ts'
import { FREE_LISTENERS, startBroker } from '../support/broker.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

const plugin = (hooks: string): string => `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ ${hooks} })
`
const folder = tempFolder({
  'broken/plugin.ts': 'export default definePlugin({ authenticate: () => ',
  'throwing/plugin.ts': plugin(`setup: () => { throw new Error('no luck') }, authenticate: () => allow()`),
  'fine/plugin.ts': plugin(`
    config: { type: 'object', properties: { limit: { type: 'integer' } }, additionalProperties: false },
    authenticate: () => allow(), authorizePublish: () => allow()`),
  'broker.yaml': `
listeners: { mqtt: { type: tcp, bind: '127.0.0.1:0' }, web: { type: ws, bind: '127.0.0.1:0' } }
plugins: { ./fine: { limit: 3 } }
`,
})
const at = (name: string): string => path.join(folder, name)
const tenantsAt = await startBroker({
  tenants: {
    broken: { match: { usernamePrefix: 'broken:' }, anonymous: true, plugins: { [at('broken')]: null } },
    throwing: { match: { usernamePrefix: 'throwing:' }, plugins: { [at('throwing')]: null } },
    fine: { match: { usernamePrefix: 'fine:' }, plugins: { [at('fine')]: null } },
  },
})
const options = { log: 'silent', env: {} } as const

async function reasonFor(username: string): Promise<number | undefined> {
  const client = await RawClient.open(tenantsAt.port)
  const { reasonCode } = await client.connack({ username })
  return reasonCode
}

describe('a plugin that is not to be had closes its own tenant, and no other', () => {
  test('one that does not build', async () => {
    assert.equal(await reasonFor('broken:x'), 0x87)
    assert.equal(await reasonFor('fine:x'), 0)
    const line = tenantsAt.broker.describe().find((each) => each.includes('broken: NOT LOADED'))
    assert.match(line ?? '', /tenant broken is closed: .*plugin\.ts:1:51/)
  })

  test('one that does not activate', async () => {
    assert.equal(await reasonFor('throwing:x'), 0x87)
    assert.equal(await reasonFor('fine:x'), 0)
  })
})

describe('the operator’s mistakes stop the start', () => {
  test('an option that does not fit: the error names plugin, option and expectation', async () => {
    const broker = await createBroker(
      { listeners: FREE_LISTENERS, plugins: { [at('fine')]: { limit: 'three', extra: 1 } } },
      options,
    )
    await assert.rejects(broker.start(), {
      code: 'ERR_PLUGIN_CONFIG',
      message: /plugin fine: option `limit`: expected a whole number.*option `extra` is unknown/,
    })
    assert.deepEqual(broker.listeners, [])
    assert.equal(broker.cells.size, 0)
  })

  test('a listener that cannot be bound: those before it are closed again', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    after(() => taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const broker = await createBroker(
      {
        anonymous: true,
        listeners: { ...FREE_LISTENERS, late: { type: 'tcp', bind: `127.0.0.1:${port}` } },
      },
      options,
    )
    await assert.rejects(broker.start(), { code: 'ERR_LISTEN', message: /late/ })
    const [first] = broker.listeners
    const [error] = (await once(connect(first?.port ?? 0, '127.0.0.1'), 'error')) as [Error]
    assert.match(error.message, /ECONNREFUSED/)
  })
})

describe('embedding', () => {
  test('a path and the same config as an object make the same broker', async () => {
    const object = { listeners: FREE_LISTENERS, plugins: { [at('fine')]: { limit: 3 } } }
    const described = []
    for (const source of [at('broker.yaml'), object]) {
      const broker = await createBroker(source, options)
      after(() => broker.stop())
      assert.equal(broker.listeners.length, 0, 'nothing listens before the start')
      await broker.start()
      const [mqtt, web] = broker.listeners
      assert.ok(mqtt !== undefined && web !== undefined)
      assert.deepEqual([mqtt.name, mqtt.type, web.name, web.type], ['mqtt', 'tcp', 'web', 'ws'])
      assert.ok(mqtt.port > 0 && web.port > 0 && mqtt.port !== web.port)
      described.push(
        broker
          .describe()
          .join('\n')
          .replaceAll(/127\.0\.0\.1:\d+/g, 'HERE'),
      )
    }
    assert.equal(described[0], described[1])
  })

  test('stop tells the clients, ends the cells, and can be asked twice', async () => {
    const broker = await createBroker(at('broker.yaml'), options)
    await broker.start()
    const client = await RawClient.connect(broker.listeners[0]?.port ?? 0)
    const pids = [...broker.cells.values()]
    assert.equal(pids.length, 1)
    const reason = client.disconnected()
    await broker.stop()
    assert.equal(await reason, 0x8b)
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
    await broker.stop()
  })

  test('a broker that is stopped before its start has nothing to stop', async () => {
    const broker = await createBroker(at('broker.yaml'), options)
    await broker.stop()
    assert.deepEqual(broker.listeners, [])
  })
})
