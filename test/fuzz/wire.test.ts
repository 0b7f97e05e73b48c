import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { startBroker } from '../support/broker.ts'
import { collectGarbage } from '../support/holdings.ts'
import { connectPacket, RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { changed, changes, packet, version, written } from './wire-streams.ts'

/** How long each test here goes on; `npm test` runs a short share of what a long run may find. */
const SHARE_MS = Number(process.env['BULKHEAD_FUZZ_MS'] ?? 3000)
const BATCH = 20
const TESTS = 4
/** A run that is long enough looks whether memory stays as it was when all caches had met all that comes. */
const LONG_MS = 60_000
const GROWTH_BYTES = 32 * 2 ** 20
/** How a conversation is carried, and ends. */
const WAYS = ['end', 'end', 'reset', 'frames'] as const

/** Asked about everything and told of every packet, so that all of it is on the way. */
const PLUGIN = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => allow(), authorizeSubscribe: () => allow(), authorizeReceive: () => allow(),
  onMqttPacketReceived: () => undefined, onMqttPacketSent: () => undefined,
})
`
const folder = tempFolder({ 'plugin.ts': PLUGIN })
const { port, webUrl } = await startBroker({
  anonymous: true,
  mqtt: { maximumPacketSize: 10_000 },
  plugins: { [folder]: null },
})
const [sender, listener] = await Promise.all([RawClient.connect(port), RawClient.connect(port)])
assert.deepEqual(await listener.subscribe({ topic: 'healthy', qos: 1 }), [1])

/** What this process holds once garbage is gone, objects and bytes. */
async function held(): Promise<number> {
  collectGarbage()
  await nextTurn()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

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
  socket.on('error', () => undefined) // the broker may close before all is written
  socket.resume()
  await once(socket, 'connect')
  socket.write(bytes)
  if (resets) setImmediate(() => socket.resetAndDestroy())
  else socket.end()
  await once(socket, 'close')
}

/** A conversation that begins well: CONNECT, and then anything. */
const packets: fc.Arbitrary<readonly Buffer[]> = fc
  .tuple(version, fc.boolean(), fc.array(packet, { maxLength: 12 }))
  .map(([protocol, clean, all]) => {
    // some come back to what they have left
    const begin = connectPacket(protocol, clean ? {} : { clean, clientId: 'again' })
    return [begin, ...all].map((each) => written(each, protocol))
  })

const conversation = packets.map((all) => Buffer.concat(all))

/** The same with packets that are bent, cut, doubled or in another order, and properties out of place. */
const bent: fc.Arbitrary<Buffer> = fc.tuple(packets, changes).map(([all, how]) => changed(all, how))

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

/** Says all this over a WebSocket, in frames of so many bytes. */
async function sayInFrames(bytes: Buffer, size: number): Promise<void> {
  const socket = new WebSocket(webUrl, 'mqtt')
  socket.on('error', () => undefined)
  await once(socket, 'open')
  for (let at = 0; at < bytes.length; at += size) socket.send(bytes.subarray(at, at + size))
  socket.close()
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

const noise: fc.Arbitrary<Buffer> = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes))

for (const [title, bytes] of [
  ['noise', noise],
  ['conversations that make no sense', conversation],
  ['conversations with a few bytes spoilt', spoilt],
  ['conversations of bent packets', bent],
] as const) {
  test(`${title}: whatever one says, the others are served`, async () => {
    const startedAt = performance.now()
    let before = Number.POSITIVE_INFINITY
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(bytes, fc.constantFrom(...WAYS), fc.integer({ min: 1, max: 300 })), {
          minLength: BATCH,
          maxLength: BATCH,
        }),
        async (batch) => {
          await Promise.all(
            batch.map(([each, way, size]) =>
              way === 'frames' ? sayInFrames(each, size) : say(each, way === 'reset'),
            ),
          )
          await roundTrip()
          const isHalfway = performance.now() - startedAt > SHARE_MS / TESTS / 2
          if (SHARE_MS >= LONG_MS && isHalfway && before === Number.POSITIVE_INFINITY) before = await held()
        },
      ),
      {
        numRuns: Number.POSITIVE_INFINITY,
        plugins: [fc.interruptAfterTimeLimit(SHARE_MS / TESTS)],
        endOnFailure: true,
      },
    )
    if (SHARE_MS >= LONG_MS) assert.ok((await held()) - before < GROWTH_BYTES, 'memory is flat')
  })
}
