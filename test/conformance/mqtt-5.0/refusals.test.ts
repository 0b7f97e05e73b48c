import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { generate } from 'mqtt-packet'
import { startBroker } from '../../support/broker.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const REASON = 'r'.repeat(60)
const PAIR = ['name', 'v'.repeat(60)] as const

/** Refuses code/NUMBER with that code, and what is called wordy in many words. */
const REFUSER = `
import { allow, definePlugin, deny, disconnect } from 'bulkhead/plugin'
const WORDS = { reason: '${REASON}', userProperties: [['${PAIR[0]}', '${PAIR[1]}']] }
const answer = ({ filter }) => {
  const [what, code] = filter.split('/')
  if (what === 'wordy') return deny({ code: 0x87, ...WORDS })
  return what === 'code' ? deny({ code: Number(code) }) : allow()
}
const answers = ({ filters }) => {
  if (filters.some(({ filter }) => filter === 'out')) return disconnect({ code: 0x98, ...WORDS })
  return { filters: filters.map(answer) }
}
export default definePlugin({ authorizeSubscribe: answers, authorizeUnsubscribe: answers })
`
const folder = tempFolder({ 'refuser/plugin.ts': REFUSER })
const { port } = await startBroker({
  anonymous: true,
  plugins: { [path.join(folder, 'refuser')]: null },
})
const CODES = Array.from({ length: 0xa2 - 0x80 + 1 }, (_, place) => 0x80 + place)

type Kind = 'suback' | 'unsuback' | 'disconnect'

/** Makes the broker answer in many words. */
const PROVOKE: Readonly<Record<Kind, (client: RawClient) => void>> = {
  suback: (client) =>
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'wordy', qos: 0 }] }),
  unsuback: (client) => client.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['wordy'] }),
  disconnect: (client) =>
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'out', qos: 0 }] }),
}

/** The answer to a client that takes packets of so many bytes at most. */
async function answerTo(kind: Kind, maximumPacketSize: number): Promise<PacketOf<Kind>> {
  const client = await RawClient.connect(port, 5, { properties: { maximumPacketSize } })
  PROVOKE[kind](client)
  const packet = await client.expect(kind)
  assert.ok(generate(packet, { protocolVersion: 5 }).length <= maximumPacketSize)
  client.socket.destroy()
  return packet
}

function wordsOf({ properties }: PacketOf<Kind>): readonly [boolean, boolean] {
  return [properties?.reasonString === REASON, properties?.userProperties?.[PAIR[0]] === PAIR[1]]
}

describe('words that explain a refusal are left out where the client would not take the packet', () => {
  for (const [kind, ids] of [
    ['suback', '[MQTT-3.9.2-1] [MQTT-3.9.2-2]'],
    ['unsuback', '[MQTT-3.11.2-1] [MQTT-3.11.2-2]'],
    ['disconnect', '[MQTT-3.14.2-3] [MQTT-3.14.2-4]'],
  ] as const) {
    test(`${ids} in ${kind.toUpperCase()}: to the byte`, async () => {
      const whole = await answerTo(kind, 1000)
      assert.deepEqual(wordsOf(whole), [true, true])
      const size = generate(whole, { protocolVersion: 5 }).length
      assert.deepEqual(wordsOf(await answerTo(kind, size)), [true, true])
      const fewer = await answerTo(kind, size - 1)
      assert.deepEqual(wordsOf(fewer), [true, false])
      const least = generate(fewer, { protocolVersion: 5 }).length - 1
      assert.deepEqual(wordsOf(await answerTo(kind, least)), [false, false])
    })
  }
})

// a plugin that says another code has not answered: its failure is refused, as 0x87
describe('a code that the packet may not carry is not sent', () => {
  test('[MQTT-3.9.3-2] in SUBACK', async () => {
    const carried = new Set([0x80, 0x83, 0x87, 0x8f, 0x97, 0x9e, 0xa1, 0xa2])
    const client = await RawClient.connect(port)
    for (const code of CODES) {
      const [told] = await client.subscribe({ topic: `code/${code}`, qos: 0 })
      assert.equal(told, carried.has(code) ? code : 0x87, `code ${code}`)
    }
  })

  test('[MQTT-3.11.3-2] in UNSUBACK', async () => {
    const carried = new Set([0x80, 0x83, 0x87, 0x8f])
    const client = await RawClient.connect(port)
    for (const code of CODES) {
      client.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: [`code/${code}`] })
      const [told] = (await client.expect('unsuback')).granted
      assert.equal(told, carried.has(code) ? code : 0x87, `code ${code}`)
    }
  })
})
