import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Broker, createBroker } from '../../src/index.ts'
import { FREE_LISTENERS } from '../support/broker.ts'
import { connectClient, connectWithInbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const GATE = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { metrics: true, kv: { bytes: 65536 } },
  authenticate: () => allow(),
  authorizeSubscribe: () => allow(),
  authorizePublish: async (event, ctx) => {
    ctx.metrics.count('asked')
    if (event.topic === 'keep') await ctx.kv.set('key', 'value')
    return event.topic === 'no' ? deny('notAuthorized') : allow()
  },
})`
const folder = tempFolder({ 'gate/plugin.ts': GATE })
const opened = async (): Promise<Broker> => {
  const broker = await createBroker(
    {
      listeners: FREE_LISTENERS,
      data: `${folder}/data`,
      metrics: { bind: '127.0.0.1:0' },
      sandbox: { limits: { softMs: 500, wallMs: 2000 } },
      allow: { metrics: true, kv: { bytes: 65536 } },
      plugins: { [`${folder}/gate`]: null },
    },
    { log: (process.env['BULKHEAD_TEST_LOG'] ?? 'silent') as 'silent', env: {} },
  )
  after(() => broker.stop())
  await broker.start()
  return broker
}
const broker = await opened()
const { url } = broker.listeners[0] as (typeof broker.listeners)[number]

/** The value of a series; 0: it is not there. */
async function scraped(series: string): Promise<number> {
  const text = await (await fetch(broker.metricsUrl ?? '')).text()
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return Number(line?.slice(series.length) ?? 0)
}

test('what clients do and plugins decide shows in the metrics', async () => {
  const { client, inbox } = await connectWithInbox(url, { protocolVersion: 5 })
  await client.subscribeAsync('a')
  await client.publishAsync('a', 'x', { qos: 1 })
  await inbox.take(1)
  await client.publishAsync('keep', 'x', { qos: 1 })
  await assert.rejects(client.publishAsync('no', 'x', { qos: 1 }), { code: 0x87 })
  const of = 'tenant="default",plugin="gate",hook="authorizePublish"'
  const expected: Readonly<Record<string, number>> = {
    bulkhead_ready: 1,
    'bulkhead_connections{tenant="default"}': 1,
    'bulkhead_connects_total{tenant="default"}': 1,
    'bulkhead_subscriptions{tenant="default"}': 1,
    'bulkhead_messages_received_total{tenant="default"}': 3,
    'bulkhead_messages_sent_total{tenant="default"}': 1,
    'bulkhead_refusals_total{tenant="default",action="publish"}': 1,
    [`bulkhead_questions_total{${of},outcome="ok"}`]: 3,
    [`bulkhead_question_seconds_count{${of}}`]: 3,
    'bulkhead_plugin_counts_total{tenant="default",plugin="gate",name="asked"}': 3,
    'bulkhead_cell_starts_total{tenant="default"}': 1,
    'bulkhead_listener_connections{listener="mqtt"}': 1,
    'bulkhead_listener_connections{listener="web"}': 0,
  }
  for (const [series, value] of Object.entries(expected)) assert.equal(await scraped(series), value, series)
  assert.ok((await scraped('bulkhead_store_commit_seconds_count')) > 0)
  assert.ok((await scraped('bulkhead_plugin_busy_seconds_total{tenant="default",plugin="gate"}')) > 0)
  assert.match(await broker.metrics('openmetrics'), /# EOF\n$/)
  assert.ok(broker.describe().includes(`  metrics    ${broker.metricsUrl}`))
})

test('a client’s identifier and topics are in no metric', async () => {
  const client = await connectClient(url, { protocolVersion: 5, clientId: 'secret-client-7' })
  await client.publishAsync('secret-topic-7', 'secret-payload-7', { qos: 1 })
  assert.doesNotMatch(await broker.metrics(), /secret/)
})

test('what was used is there at once, survives the process, and is added to by the next', async () => {
  const from = new Date(Date.now() - 3_600_000)
  const to = new Date(Date.now() + 3_600_000)
  const used = async (of: Broker) => {
    const spans = await of.usage('default', from, to)
    return spans.reduce((sum, { messagesIn }) => sum + messagesIn, 0)
  }
  const client = await connectClient(url, { protocolVersion: 5 })
  await client.publishAsync('a', 'x', { qos: 1 })
  await client.endAsync()
  const { origin } = new URL(broker.metricsUrl ?? '')
  await broker.stop()
  await assert.rejects(fetch(`${origin}/readyz`), 'the listener is closed with the broker')
  const next = await opened()
  const before = await used(next)
  assert.ok(before >= 5, `${before}`)
  const again = await connectClient(next.listeners[0]?.url ?? '', { protocolVersion: 5 })
  await again.publishAsync('a', 'x', { qos: 1 })
  await next.stop()
  const last = await opened()
  assert.equal(await used(last), before + 1)
})
