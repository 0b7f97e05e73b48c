import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createBroker } from '../../src/index.ts'
import { FREE_LISTENERS } from '../support/broker.ts'
import { NO_MOSQUITTO, run } from '../support/mosquitto.ts'
import { connectWithInbox } from '../support/mqttjs.ts'
import { eventually } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'

const broker = await createBroker(
  {
    listeners: FREE_LISTENERS,
    sys: { intervalSec: 1 },
    tenants: {
      acme: { match: { usernamePrefix: 'acme:' }, anonymous: true, quotas: { retainedMessages: 0 } },
      default: { anonymous: true },
    },
  },
  { log: 'silent', env: {} },
)
after(() => broker.stop())
await broker.start()
const { url, port } = broker.listeners[0] as (typeof broker.listeners)[number]

test('whoever subscribes has the values at once, retained; later only what has changed', async () => {
  const { client, inbox } = await connectWithInbox(url, { protocolVersion: 5 })
  await client.subscribeAsync('$SYS/broker/version')
  const [version] = await inbox.take(1)
  assert.match(version?.payload ?? '', /^bulkhead version \d/)
  assert.equal(version?.retain, true)
  await client.subscribeAsync('$SYS/broker/clients/connected')
  const values = await inbox.take(3)
  assert.deepEqual([values.at(-1)?.payload, values.at(-1)?.retain], ['1', false])
})

test("a tenant reads its own tree, whatever its quota, and not the broker's", async () => {
  const { client, inbox } = await connectWithInbox(url, { protocolVersion: 5, username: 'acme:ann' })
  await assert.rejects(client.subscribeAsync('$SYS/broker/#'), /Not authorized/)
  await client.subscribeAsync('$SYS/#')
  const received = inbox.take(1).then(([first]) => first?.topic)
  assert.match((await received) ?? '', /^\$SYS\/tenant\//)
  await client.unsubscribeAsync('$SYS/#')
  await client.subscribeAsync('$SYS/tenant/quotas/#')
  const quota = (): string | undefined =>
    inbox.messages.find(({ topic }) => topic === '$SYS/tenant/quotas/retainedMessages')?.payload
  await eventually(() => quota() !== undefined)
  assert.equal(quota(), '0')
})

test('nobody publishes to $SYS, and nobody leaves a will there', async () => {
  const { client } = await connectWithInbox(url, { protocolVersion: 5 })
  await assert.rejects(client.publishAsync('$SYS/broker/uptime', 'for ever', { qos: 1 }), { code: 0x87 })
  await assert.rejects(
    connectWithInbox(url, {
      protocolVersion: 5,
      will: { topic: '$SYS/x', payload: Buffer.from('x'), qos: 0, retain: false },
    }),
    { code: 0x87 },
  )
  const old = await RawClient.connect(port, 4)
  old.publish({ topic: '$SYS/x', payload: 'x', qos: 1, messageId: 1 })
  await old.expect('puback')
})

test('mosquitto_sub reads the tree', { skip: NO_MOSQUITTO }, async () => {
  const { stdout } = await run('mosquitto_sub', port, ['-t', '$SYS/broker/messages/#', '-v', '-C', '3'])
  assert.match(stdout, /^\$SYS\/broker\/messages\/received \d+$/m)
})
