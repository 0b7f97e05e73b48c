import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { crashImage } from '../support/crash-image.ts'
import { RawClient } from '../support/raw-client.ts'
import { dataFolder } from '../support/sqlite-engine.ts'

const DOWN_SEC = 40

type Port = number

/** Does something before the crash, and returns what must hold after it. */
type Rule = (before: Port) => Promise<(after: Port) => Promise<void>>

/** One crash for all of them: each has clients and topics of its own. */
const RULES: Readonly<Record<string, Rule>> = {
  '[MQTT-4.4.0-1] what was sent is sent again under its identifier, in its order, as far as it is taken':
    async (before) => {
      const client = await connect(before, 'receiver')
      await client.subscribe({ topic: 'flight/1', qos: 1 }, { topic: 'flight/2', qos: 2 })
      const publisher = await RawClient.connect(before)
      const sent: Sent[] = []
      // more than are read of a queue at once
      for (let n = 1; n <= 120; n += 1) await publish(publisher, `flight/${(n % 2) + 1}`, `${n}`, 2)
      sent.push(...(await received(client, 120)))
      const [arrived] = sent.splice(1, 1)
      client.send({ cmd: 'puback', messageId: arrived?.id ?? 0 })
      await client.silence()
      const expected = sent.map(({ id, payload }) => ({ id, payload, dup: true }))
      return async (after) => {
        await publish(await RawClient.connect(after), 'flight/2', 'new', 2)
        const few = await connect(after, 'receiver', { receiveMaximum: 2 })
        assert.deepEqual(await received(few, 2), expected.slice(0, 2))
        await few.silence()
        few.socket.destroy()
        const many = await connect(after, 'receiver')
        assert.deepEqual(await received(many, expected.length), expected)
        const [fresh] = await received(many, 1)
        assert.equal(fresh?.payload, 'new')
        assert.ok(fresh !== undefined && expected.every(({ id }) => id !== fresh.id))
      }
    },

  '[MQTT-4.6.0-4] what is released is released again in the order of PUBRECs, and over with PUBCOMP': async (
    before,
  ) => {
    const client = await connect(before, 'releaser')
    await client.subscribe({ topic: 'release', qos: 2 })
    const publisher = await RawClient.connect(before)
    for (const payload of ['a', 'b', 'c', 'd']) await publish(publisher, 'release', payload, 2)
    const [a, b, c, d] = (await ids(client, 4)) as [number, number, number, number]
    for (const messageId of [c, a, d]) client.send({ cmd: 'pubrec', messageId })
    for (const id of [c, a, d]) assert.equal((await client.expect('pubrel')).messageId, id)
    return async (after) => {
      const back = await connect(after, 'releaser')
      const again = []
      for (let n = 0; n < 4; n += 1) again.push((await back.expect('pubrel', 'publish')).messageId)
      assert.deepEqual(
        again.toSorted((one, other) => Number(one) - Number(other)),
        [a, b, c, d],
      )
      assert.deepEqual(
        again.filter((id) => id !== b),
        [c, a, d],
      )
      for (const messageId of [c, a, d]) back.send({ cmd: 'pubcomp', messageId })
      await back.silence()
      const third = await connect(after, 'releaser')
      assert.deepEqual(await ids(third, 1), [b])
      await third.silence()
    }
  },

  '[MQTT-4.3.3-10] a QoS 2 message that had come is not taken again, and one that was released is a new one':
    async (before) => {
      const client = await connect(before, 'sender')
      client.publish({ topic: 'twice', payload: 'one', qos: 2, messageId: 7 })
      await client.expect('pubrec')
      await publish(client, 'twice', 'released', 2)
      return async (after) => {
        const hearer = await RawClient.connect(after)
        await hearer.subscribe({ topic: 'twice', qos: 0 })
        const back = await connect(after, 'sender')
        back.publish({ topic: 'twice', payload: 'one', qos: 2, messageId: 7, dup: true })
        await back.expect('pubrec')
        back.send({ cmd: 'pubrel', messageId: 7 })
        await back.expect('pubcomp')
        await publish(back, 'twice', 'new', 2)
        assert.equal((await hearer.expect('publish')).payload.toString(), 'new')
      }
    },

  '[MQTT-3.8.4-4] subscriptions come back with their options, identifiers and groups': async (before) => {
    const client = await connect(before, 'subscriber')
    const first = { topic: 'options/#', qos: 1, nl: true, rap: true, rh: 1 } as const
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [first],
      properties: { subscriptionIdentifier: 5 },
    })
    await client.expect('suback')
    for (const name of ['subscriber', 'member']) {
      const member = await connect(before, name)
      await member.subscribe({ topic: '$share/group/shared', qos: 1 })
    }
    return async (after) => {
      const back = await connect(after, 'subscriber')
      back.publish({ topic: 'options/own', qos: 0 })
      const member = await connect(after, 'member')
      member.publish({ topic: 'options/retained', qos: 2, messageId: 3, retain: true })
      const { topic, qos, retain, properties } = await back.expect('publish')
      assert.deepEqual([topic, qos, retain], ['options/retained', 1, true])
      assert.equal(properties?.subscriptionIdentifier, 5)
      await member.expect('pubrec')
      for (const payload of ['1', '2']) await publish(await RawClient.connect(after), 'shared', payload, 1)
      for (const one of [back, member]) await one.expect('publish')
      await Promise.all([back.silence(), member.silence()])
    }
  },

  '[MQTT-3.3.2-6] while no broker was there messages grew older, and some too old [MQTT-3.3.2-5]': async (
    before,
  ) => {
    const client = await connect(before, 'late')
    await client.subscribe({ topic: 'expiry', qos: 1 })
    await leave(client)
    const publisher = await RawClient.connect(before)
    for (const messageExpiryInterval of [DOWN_SEC - 10, DOWN_SEC + 100]) {
      publisher.publish({ topic: 'expiry', qos: 1, messageId: 1, properties: { messageExpiryInterval } })
      await publisher.expect('puback')
    }
    return async (after) => {
      const back = await connect(after, 'late')
      const { properties } = await back.expect('publish')
      const left = properties?.messageExpiryInterval ?? 0
      assert.ok(left > 0 && left <= 100, `${left}`)
      await back.silence()
    }
  },

  '[MQTT-4.1.0-2] sessions grew older as well, but for those whose clients were there': async (before) => {
    const brief = { sessionExpiryInterval: DOWN_SEC - 10 }
    for (const [clientId, properties] of [
      ['over', brief],
      ['lasting', { sessionExpiryInterval: DOWN_SEC + 3600 }],
    ] as const) {
      await leave(await RawClient.connect(before, 5, { clean: false, clientId, properties }))
    }
    await RawClient.connect(before, 5, { clean: false, clientId: 'there', properties: brief })
    return async (after) => {
      for (const [clientId, isPresent] of [
        ['over', false],
        ['lasting', true],
        ['there', true],
      ] as const) {
        const client = await RawClient.open(after)
        const { sessionPresent } = await client.connack({ clean: false, clientId })
        assert.equal(sessionPresent, isPresent, clientId)
      }
    }
  },

  '[MQTT-3.1.4-3] whoever comes last has a session that was taken up a moment before': async (before) => {
    const client = await connect(before, 'owner')
    await client.subscribe({ topic: 'owner', qos: 1 })
    await leave(client)
    await publish(await RawClient.connect(before), 'owner', 'x', 1)
    return async (after) => {
      const one = await connect(after, 'owner')
      const [sent] = await received(one, 1)
      const other = await connect(after, 'owner')
      assert.equal(await one.disconnected(), 0x8e)
      assert.deepEqual(await received(other, 1), [{ ...sent, dup: true }])
      other.send({ cmd: 'puback', messageId: sent?.id ?? 0 })
      await other.silence()
    }
  },
}

interface Sent {
  readonly id: number
  readonly payload: string
  readonly dup: boolean
}

/** Whose session is kept. */
function connect(port: Port, clientId: string, properties: object = {}): Promise<RawClient> {
  const kept = { sessionExpiryInterval: 86_400, ...properties }
  return RawClient.connect(port, 5, { clean: false, clientId, properties: kept })
}

async function leave(client: RawClient): Promise<void> {
  client.send({ cmd: 'disconnect' })
  await client.end()
}

/** Publishes to the end of the exchange. */
async function publish(from: RawClient, topic: string, payload: string, qos: 1 | 2): Promise<void> {
  from.publish({ topic, payload, qos, messageId: 9 })
  if (qos === 1) return void (await from.expect('puback'))
  await from.expect('pubrec')
  from.send({ cmd: 'pubrel', messageId: 9 })
  await from.expect('pubcomp')
}

async function received(client: RawClient, count: number): Promise<readonly Sent[]> {
  const found: Sent[] = []
  while (found.length < count) {
    const { messageId = 0, payload, dup } = await client.expect('publish')
    found.push({ id: messageId, payload: payload.toString(), dup })
  }
  return found
}

async function ids(client: RawClient, count: number): Promise<readonly number[]> {
  return (await received(client, count)).map(({ id }) => id)
}

const first = dataFolder()
const { port: before } = await startBroker({ anonymous: true, data: first })
const checks: [string, (after: Port) => Promise<void>][] = []
for (const [title, rule] of Object.entries(RULES)) checks.push([title, await rule(before)])
mock.timers.enable({ apis: ['Date'], now: Date.now() + DOWN_SEC * 1000 })
const { port: after } = await startBroker({ anonymous: true, data: crashImage(first) })
for (const [title, check] of checks) test(`after a crash: ${title}`, () => check(after))
