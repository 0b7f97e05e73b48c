import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { generate, type Packet } from 'mqtt-packet'
import { anyText } from '../support/any-text.ts'
import { startBroker } from '../support/broker.ts'
import { connectPacket, RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** How long each test here goes on; `npm test` runs a short share of what a long run may find. */
const SHARE_MS = Number(process.env['BULKHEAD_FUZZ_MS'] ?? 3000)
const BATCH = 20

/** Asked about everything and told of every packet, so that all of it is on the way. */
const PLUGIN = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => allow(), authorizeSubscribe: () => allow(), authorizeReceive: () => allow(),
  onMqttPacketReceived: () => undefined, onMqttPacketSent: () => undefined,
})
`
const folder = tempFolder({ 'plugin.ts': PLUGIN })
const { port } = await startBroker({
  anonymous: true,
  mqtt: { maximumPacketSize: 10_000 },
  plugins: { [folder]: null },
})
const [sender, listener] = await Promise.all([RawClient.connect(port), RawClient.connect(port)])
assert.deepEqual(await listener.subscribe({ topic: 'healthy', qos: 1 }), [1])

/** The broker still serves who did nothing wrong. */
async function roundTrip(): Promise<void> {
  sender.publish({ topic: 'healthy', payload: 'still here', qos: 1, messageId: 1 })
  assert.equal((await sender.expect('puback')).reasonCode ?? 0, 0)
  const { messageId = 0, payload } = await listener.expect('publish')
  assert.equal(payload.toString(), 'still here')
  listener.send({ cmd: 'puback', messageId })
}

/** Says all this on a connection of its own, and leaves: by FIN or by a reset. */
async function say(bytes: Buffer, resets: boolean): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' })
  after(() => socket.destroy())
  socket.on('error', () => undefined) // the broker may close before all is written
  socket.resume()
  await once(socket, 'connect')
  socket.write(bytes)
  if (resets) setImmediate(() => socket.resetAndDestroy())
  else socket.end()
  await once(socket, 'close')
}

const text = anyText({ maxLength: 12 })
const topic = fc.constantFrom('a', 'a/b', '+', '#', '$share/g/a', '$SYS/x', 'a/#/b', '', '/'.repeat(250))
const id = fc.constantFrom(1, 2, 65_535)
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const)
const code = fc.constantFrom(0, 0x10, 0x80, 0x92, 0xff)

/** Packets of every kind, as a library would write them: most are valid in themselves, few fit the moment. */
const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    cmd: fc.constant('publish' as const),
    topic: fc.constantFrom('a', 'a/b', '$share/g/a', '/'.repeat(250)),
    payload: text,
    qos,
    dup: fc.boolean(),
    retain: fc.boolean(),
    messageId: id,
    properties: fc.record(
      { topicAlias: fc.nat(40), messageExpiryInterval: fc.nat(2), contentType: text, responseTopic: topic },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    cmd: fc.constant('subscribe' as const),
    messageId: id,
    subscriptions: fc.array(fc.record({ topic, qos, nl: fc.boolean(), rap: fc.boolean(), rh: fc.nat(2) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.record({
    cmd: fc.constant('unsubscribe' as const),
    messageId: id,
    unsubscriptions: fc.array(topic, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    cmd: fc.constantFrom('puback' as const, 'pubrec' as const, 'pubrel' as const, 'pubcomp' as const),
    messageId: id,
    reasonCode: code,
  }),
  fc.record({ cmd: fc.constantFrom('disconnect' as const, 'auth' as const), reasonCode: code }),
  fc.constant<Packet>({ cmd: 'pingreq' }),
  fc
    .record({ version: fc.constantFrom(3 as const, 4 as const, 5 as const) })
    .map(({ version }) => connectPacket(version)),
)

/** The packet's bytes; none where the library refuses to write it. */
function written(each: Packet, version: 3 | 4 | 5): Buffer {
  try {
    return generate(each, { protocolVersion: version })
  } catch {
    return Buffer.alloc(0)
  }
}

/** A conversation that begins well: CONNECT, and then anything. */
const conversation: fc.Arbitrary<Buffer> = fc
  .tuple(fc.constantFrom(3 as const, 4 as const, 5 as const), fc.array(packet, { maxLength: 12 }))
  .map(([version, packets]) =>
    Buffer.concat([connectPacket(version), ...packets].map((each) => written(each, version))),
  )

/** The same with a few bytes changed, taken out or put in. */
const spoilt: fc.Arbitrary<Buffer> = fc
  .tuple(
    conversation,
    fc.array(fc.tuple(fc.nat(400), fc.nat(255), fc.constantFrom('set', 'cut', 'put')), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([bytes, changes]) => {
    const all = [...bytes]
    for (const [place, byte, how] of changes) {
      const at = place % Math.max(1, all.length)
      if (how === 'set') all[at] = byte
      else all.splice(at, how === 'cut' ? 1 : 0, ...(how === 'put' ? [byte] : []))
    }
    return Buffer.from(all)
  })

const noise: fc.Arbitrary<Buffer> = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes))

for (const [title, bytes] of [
  ['noise', noise],
  ['conversations that make no sense', conversation],
  ['conversations with a few bytes spoilt', spoilt],
] as const) {
  test(`${title}: whatever one says, the others are served`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(bytes, fc.boolean()), { minLength: BATCH, maxLength: BATCH }),
        async (batch) => {
          await Promise.all(batch.map(([each, resets]) => say(each, resets)))
          await roundTrip()
        },
      ),
      {
        numRuns: Number.POSITIVE_INFINITY,
        plugins: [fc.interruptAfterTimeLimit(SHARE_MS / 3)],
        endOnFailure: true,
      },
    )
  })
}
