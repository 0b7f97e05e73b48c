import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { RawClient } from '../../support/raw-client.ts'
import { lasting, leave, put, take } from './lasting.ts'

const MAXIMUM = 12
const { port } = await startBroker({ anonymous: true, mqtt: { topicAliasMaximum: MAXIMUM } })

const hearer = await RawClient.connect(port)
await hearer.subscribe({ topic: 'alias/#', qos: 1 })

describe('a topic alias of a client', () => {
  for (const [what, topic, qos] of [
    ['with a topic', 'alias/zero', 0],
    ['without one', '', 0],
    ['QoS 1', 'alias/zero', 1],
    ['QoS 2', '', 2],
  ] as const) {
    test(`[MQTT-3.3.2-8] is not 0: ${what}`, async () => {
      const client = await RawClient.connect(port)
      client.write(aliased(topic, 0, qos))
      assert.equal(await client.disconnected(), 0x94)
    })
  }

  for (const alias of [MAXIMUM + 1, 0xffff]) {
    test(`[MQTT-3.3.2-9] is not above what CONNACK allowed: ${alias}`, async () => {
      const client = await RawClient.connect(port)
      client.publish({ topic: 'alias/above', properties: { topicAlias: alias } })
      assert.equal(await client.disconnected(), 0x94)
    })
  }

  for (const qos of [0, 1, 2] as const) {
    test(`[MQTT-3.3.2-12] may be any from 1 to what CONNACK allowed, and be given to another topic: QoS ${qos}`, async () => {
      const client = await RawClient.open(port)
      assert.equal((await client.connack()).properties?.topicAliasMaximum, MAXIMUM)
      const names: string[] = []
      for (let alias = 1; alias <= MAXIMUM; alias++) {
        const topic = `alias/${alias}`
        await put(client, { topic, qos, properties: { topicAlias: alias } })
        names.push(topic)
      }
      for (let alias = MAXIMUM; alias >= 1; alias--) {
        await put(client, { topic: '', qos, properties: { topicAlias: alias } })
        names.push(`alias/${alias}`)
      }
      await put(client, { topic: 'alias/other', qos, properties: { topicAlias: MAXIMUM } })
      await put(client, { topic: '', qos, properties: { topicAlias: MAXIMUM } })
      for (const name of [...names, 'alias/other', 'alias/other']) {
        const { topic, properties } = await take(hearer)
        assert.deepEqual([topic, properties?.topicAlias], [name, undefined])
      }
    })
  }
})

describe('the end of a topic alias', () => {
  test('[MQTT-3.3.2-7] ends with its connection, though the session lasts', async () => {
    const client = await lasting(port, 'forgetful', false)
    await put(client, { topic: 'alias/mine', properties: { topicAlias: 1 } })
    assert.equal((await take(hearer)).topic, 'alias/mine')
    await leave(client)
    const back = await lasting(port, 'forgetful', true)
    back.publish({ topic: '', properties: { topicAlias: 1 } })
    assert.equal(await back.disconnected(), 0x82)
  })

  test('[MQTT-3.3.2-7] ends with a connection that another one takes over', async () => {
    const client = await lasting(port, 'taken', false)
    await put(client, { topic: 'alias/mine', properties: { topicAlias: 2 } })
    assert.equal((await take(hearer)).topic, 'alias/mine')
    const back = await lasting(port, 'taken', true)
    back.publish({ topic: '', properties: { topicAlias: 2 } })
    assert.equal(await back.disconnected(), 0x82)
  })

  test('[MQTT-3.3.2-7] belongs to one connection: another one has its own', async () => {
    const [one, other] = [await RawClient.connect(port), await RawClient.connect(port)]
    await put(one, { topic: 'alias/one', properties: { topicAlias: 3 } })
    await put(other, { topic: 'alias/other', properties: { topicAlias: 3 } })
    await put(one, { topic: '', properties: { topicAlias: 3 } })
    for (const name of ['alias/one', 'alias/other', 'alias/one']) {
      assert.equal((await take(hearer)).topic, name)
    }
  })
})

describe('a topic alias of the broker', () => {
  for (const topicAliasMaximum of [undefined, 0, 1, 3]) {
    test(`[MQTT-3.3.2-11] [MQTT-3.3.2-8] is within what the client allowed: ${topicAliasMaximum ?? 'nothing'}`, async () => {
      const properties = topicAliasMaximum === undefined ? {} : { topicAliasMaximum }
      const client = await RawClient.connect(port, 5, { properties })
      await client.subscribe({ topic: 'theirs/#', qos: 1 })
      const publisher = await RawClient.connect(port)
      const known = new Map<number, string>()
      for (const name of ['a', 'b', 'c', 'd', 'e', 'a', 'b', 'c', 'd', 'e']) {
        await put(publisher, { topic: `theirs/${name}`, qos: 1, payload: name })
        const { topic, properties: said, payload } = await take(client)
        const alias = said?.topicAlias
        if (alias !== undefined) {
          assert.ok(alias >= 1 && alias <= (topicAliasMaximum ?? 0), `alias ${alias}`)
          if (topic !== '') known.set(alias, topic)
        }
        assert.equal(topic === '' ? known.get(alias ?? 0) : topic, `theirs/${payload.toString()}`)
      }
    })
  }
})

/** By hand: the foreign library would not write an alias of 0. */
function aliased(topic: string, alias: number, qos: number): Buffer {
  const name = Buffer.from(topic)
  const id = qos === 0 ? [] : [0, 1]
  const rest = Buffer.of(...id, 3, 0x23, alias >> 8, alias & 0xff)
  return Buffer.concat([
    Buffer.of(0x30 | (qos << 1), 2 + name.length + rest.length, 0, name.length),
    name,
    rest,
  ])
}
