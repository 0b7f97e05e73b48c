import assert from 'node:assert/strict'
import path from 'node:path'
import { mock, test } from 'node:test'
import { BrokerProcess } from '../support/broker-process.ts'
import { startBroker } from '../support/broker.ts'
import { crashImage } from '../support/crash-image.ts'
import { RawClient } from '../support/raw-client.ts'
import { dataFolder } from '../support/sqlite-engine.ts'
import { tempFolder } from '../support/temp-folder.ts'

const HOUR_MS = 3_600_000
const KEPT = { clean: false, properties: { sessionExpiryInterval: 86_400 } } as const

/** Lets wills out that are under `out/`; one it puts off when it is due, once. */
const WARDEN = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: () => allow(),
  authorizeWill: ({ when, will }) =>
    when === 'fire' && will.topic === 'out/changed'
      ? { verdict: 'set', will: { payload: 'at the end' } }
      : allow(),
  authorizePublish: (event) => (event.topic.startsWith('out/') ? allow() : deny()),
})
`
const folder = tempFolder({ 'warden/plugin.ts': WARDEN })

function willOf(topic: string, delaySec = 0) {
  const properties = { willDelayInterval: delaySec }
  return { topic, payload: Buffer.from('gone'), qos: 2 as const, retain: true, properties }
}

/** A broker, in its process or in this one. */
interface Life {
  readonly port: number
}

/** One over a data folder. */
interface KeptLife extends Life {
  readonly data: string
}

async function begin(data: string = dataFolder()): Promise<KeptLife> {
  const { port } = await startBroker({ anonymous: true, data })
  return { data, port }
}

/** Another broker over what a crash at this moment leaves of this one. */
function crashed({ data }: KeptLife): Promise<KeptLife> {
  return begin(crashImage(data))
}

/** Somebody hears of every will that goes out, whenever it looks: its session is kept. */
async function watch({ port }: Life): Promise<void> {
  const watcher = await RawClient.connect(port, 5, { ...KEPT, clientId: 'watcher' })
  await watcher.subscribe({ topic: 'out/#', qos: 2 })
  watcher.send({ cmd: 'disconnect' })
  await watcher.end()
}

/** What went out since the watcher looked last; it is acknowledged. */
async function seen({ port }: Life): Promise<readonly string[]> {
  const watcher = await RawClient.connect(port, 5, { ...KEPT, clientId: 'watcher' })
  const other = await RawClient.connect(port, 5)
  other.publish({ topic: 'out/end', qos: 2, messageId: 1 })
  const found: string[] = []
  let last = 0
  for (let released = -1; released !== last; ) {
    const packet = await watcher.expect('publish', 'pubrel')
    const messageId = packet.messageId ?? 0
    if (packet.cmd === 'pubrel') {
      watcher.send({ cmd: 'pubcomp', messageId })
      released = messageId
    } else {
      watcher.send({ cmd: 'pubrec', messageId })
      if (packet.topic === 'out/end') last = messageId
      else found.push(`${packet.topic} ${packet.payload.toString()}`)
    }
  }
  watcher.send({ cmd: 'disconnect' })
  await watcher.end()
  return found
}

/** Leaves a will, and goes without a goodbye; the broker has noticed, and it is safe, when this resolves. */
async function die(life: Life, clientId: string, options: object, delaySec: number): Promise<void> {
  const client = await stay(life, clientId, options, delaySec)
  client.send({ cmd: 'disconnect', reasonCode: 4 })
  await client.end()
  await RawClient.connect(life.port, 5, { ...KEPT, clientId: 'safe, and so is all before it' })
}

/** Time goes on, also while no broker runs. */
function later(byMs: number): void {
  const now = Date.now() + byMs
  mock.timers.reset()
  mock.timers.enable({ apis: ['Date'], now })
}

/** Connects with a will, and is there to the last. */
function stay({ port }: Life, clientId: string, options: object, delaySec = 0): Promise<RawClient> {
  return RawClient.connect(port, 5, { clientId, will: willOf(`out/${clientId}`, delaySec), ...options })
}

/** One client for each way in which a will can stand when the broker crashes. */
async function leaveWills(life: Life): Promise<void> {
  await stay(life, 'brief', {})
  await RawClient.connect(life.port, 4, { clientId: 'old', will: willOf('out/old') })
  await stay(life, 'kept', KEPT)
  const loner = await stay(life, 'loner', KEPT)
  await loner.subscribe({ topic: 'out/loner', qos: 1, nl: true })
  const polite = await stay(life, 'polite', {})
  polite.send({ cmd: 'disconnect' })
  await polite.end()
  for (const topic of ['out/first', 'out/second'])
    await stay(life, 'replaced', { ...KEPT, will: willOf(topic, 3600) })
  await stay(life, 'without', KEPT, 3600)
  await RawClient.connect(life.port, 5, { ...KEPT, clientId: 'without' })
  await die(life, 'late', KEPT, 3600)
  await die(life, 'back', KEPT, 3600)
  await die(life, 'early', { clean: false, properties: { sessionExpiryInterval: 60 } }, 7200)
  await stay(life, 'soon', { ...KEPT, will: willOf('soon', 1) })
}

test('[MQTT-3.1.2-8] wills go out when they are due, once, from one crash to the next', async () => {
  const first = await begin()
  await watch(first)
  await leaveWills(first)
  assert.deepEqual(await seen(first), [])
  later(HOUR_MS / 2)
  const startedAt = performance.now()
  const second = await crashed(first)
  const live = await RawClient.connect(second.port)
  await live.subscribe({ topic: 'soon', qos: 0 })
  // whose clients were there, or whose sessions have ended
  const due = ['brief', 'early', 'kept', 'loner', 'old'].map((name) => `out/${name} gone`)
  assert.deepEqual((await seen(second)).toSorted(), due)
  // the delay of who was there began with the crash, as far as anybody knows
  await live.expect('publish')
  assert.ok(performance.now() - startedAt >= 1000)
  // [MQTT-3.8.3-3]: its own will does not come to who wants no message of its own
  await (await RawClient.connect(second.port, 5, { ...KEPT, clientId: 'loner' })).silence()
  // [MQTT-3.1.3-9]: a session that ends takes its will along, and a client that is back takes it away
  await RawClient.connect(second.port, 5, { clientId: 'replaced' })
  await RawClient.connect(second.port, 5, { ...KEPT, clientId: 'back' })
  assert.deepEqual(await seen(second), ['out/second gone'])
  later(HOUR_MS / 2)
  const third = await crashed(second)
  const late = await RawClient.connect(third.port)
  await late.subscribe({ topic: 'out/late', qos: 0 })
  await late.expect('publish')
  await late.subscribe({ topic: 'out/brief', qos: 0 })
  assert.equal((await late.expect('publish')).retain, true)
  assert.deepEqual(await seen(third), ['out/late gone'])
  later(HOUR_MS)
  assert.deepEqual(await seen(await crashed(third)), [])
})

test('[MQTT-3.1.2-8] a broker that is killed publishes its clients’ wills when it is back, as plugins let it', async () => {
  const config = {
    listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
    data: dataFolder(),
    plugins: { [path.join(folder, 'warden')]: null },
  }
  const first = await BrokerProcess.start(config)
  await watch(first)
  for (const topic of ['out/plain', 'out/changed', 'aside/denied']) {
    await RawClient.connect(first.port, 5, { clientId: topic, will: willOf(topic) })
  }
  await first.end('SIGKILL')
  const second = await BrokerProcess.start(config)
  assert.deepEqual((await seen(second)).toSorted(), ['out/changed at the end', 'out/plain gone'])
  await second.end('SIGKILL')
})
