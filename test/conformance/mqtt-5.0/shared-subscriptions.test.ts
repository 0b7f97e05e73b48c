import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { type PacketOf, RawClient } from '../../support/raw-client.ts'

const { port } = await startBroker({ anonymous: true })
const KEPT = { clean: false, properties: { sessionExpiryInterval: 60 } }
const publisher = await RawClient.connect(port)

/** A message that the broker has taken. */
async function publish(topic: string, payload: string, qos: 1 | 2 = 2): Promise<void> {
  publisher.publish({ topic, payload, qos, messageId: 1 })
  if (qos === 1) return void (await publisher.expect('puback'))
  await publisher.expect('pubrec')
  publisher.send({ cmd: 'pubrel', messageId: 1 })
  await publisher.expect('pubcomp')
}

/** Two members of a group, and which of them got a message that neither has acknowledged. */
interface Chosen {
  readonly clientId: string
  readonly holder: RawClient
  readonly other: RawClient
  readonly message: PacketOf<'publish'>
}

/** The first who subscribes has the first turn. */
async function choose(topic: string, qos: 1 | 2): Promise<Chosen> {
  const filter = { topic: `$share/g/${topic}`, qos }
  const clientId = `holder of ${topic}`
  const holder = await RawClient.connect(port, 5, { clientId, ...KEPT })
  await holder.subscribe(filter)
  const other = await RawClient.connect(port)
  await other.subscribe(filter)
  await publish(topic, 'once', qos)
  const message = await holder.expect('publish')
  await other.silence()
  return { clientId, holder, other, message }
}

test('[MQTT-4.8.2-1] [MQTT-4.8.2-2] a share name has a character, no wildcard, and a filter behind it', async () => {
  const client = await RawClient.connect(port)
  const wrong = ['$share', '$share/', '$share//', '$share//a', '$share/g', '$share/g/', '$share/+/a']
  wrong.push('$share/#/a', '$share/g+/a', '$share/+g/a', '$share/g#/a', '$share/#', '$share/g/#/a')
  for (const topic of wrong) assert.deepEqual(await client.subscribe({ topic, qos: 0 }), [0x8f], topic)
  for (const topic of ['$share/g/a', '$share/g//', '$share/ /a', '$share/$/#', '$share/é/+/a']) {
    assert.deepEqual(await client.subscribe({ topic, qos: 2 }), [2], topic)
  }
})

test('[MQTT-4.8.2-1] what is shared is by name: each share, and who shares nothing, has its own copy', async () => {
  const filters = ['$share/g/own', '$share/g/own', '$share/h/own', 'own', '$share/G/own']
  const clients: RawClient[] = []
  for (const topic of filters) {
    const client = await RawClient.connect(port)
    await client.subscribe({ topic, qos: 0 })
    clients.push(client)
  }
  const counts = clients.map(() => 0)
  for (let round = 0; round < 2; round += 1) await publish('own', 'x', 1)
  for (const [place, client] of clients.entries()) {
    client.send({ cmd: 'pingreq' })
    while ((await client.expect('publish', 'pingresp')).cmd === 'publish')
      counts[place] = (counts[place] ?? 0) + 1
  }
  assert.deepEqual(counts, [1, 1, 2, 2, 2])
})

test('[MQTT-4.8.2-3] each member gets messages at the QoS that it was granted', async () => {
  const members: RawClient[] = []
  for (const qos of [0, 1, 2] as const) {
    const member = await RawClient.connect(port)
    assert.deepEqual(await member.subscribe({ topic: '$share/g/granted', qos }), [qos])
    members.push(member)
  }
  for (let count = 0; count < 3; count += 1) await publish('granted', 'x')
  const got = await Promise.all(members.map(async (member) => (await member.expect('publish')).qos))
  assert.deepEqual(got, [0, 1, 2])
})

describe('[MQTT-4.8.2-4] what was begun with a member at QoS 2 is finished with it when it is back', () => {
  for (const wasReceived of [false, true]) {
    test(wasReceived ? 'after PUBREC: PUBREL' : 'before PUBREC: the message itself', async () => {
      const { clientId, holder, other, message } = await choose(`finish/${wasReceived}`, 2)
      const { messageId = 0 } = message
      if (wasReceived) {
        holder.send({ cmd: 'pubrec', messageId })
        await holder.expect('pubrel')
      }
      holder.socket.destroy()
      await other.silence()
      const back = await RawClient.open(port)
      assert.equal((await back.connack({ clientId, ...KEPT })).sessionPresent, true)
      if (!wasReceived) {
        const again = await back.expect('publish')
        assert.deepEqual([again.dup, again.messageId, again.payload.toString()], [true, messageId, 'once'])
        back.send({ cmd: 'pubrec', messageId })
      }
      assert.equal((await back.expect('pubrel')).messageId, messageId)
      back.send({ cmd: 'pubcomp', messageId })
      await back.silence()
      await other.silence()
    })
  }
})

describe('[MQTT-4.8.2-5] a message is not given to another when the session of its member ends', () => {
  for (const [how, end] of [
    [
      'with its connection',
      async ({ holder }: Chosen) => {
        holder.send({ cmd: 'disconnect', properties: { sessionExpiryInterval: 0 } })
        await holder.end()
      },
    ],
    [
      'by a clean start',
      async ({ holder, clientId }: Chosen) => {
        holder.socket.destroy()
        const back = await RawClient.connect(port, 5, { clientId, clean: true })
        await back.silence()
      },
    ],
  ] as const) {
    for (const qos of [1, 2] as const) {
      test(`${how}, at QoS ${qos}`, async () => {
        const topic = `ends/${how}/${qos}`
        const chosen = await choose(topic, qos)
        await end(chosen)
        await chosen.other.silence()
        await publish(topic, 'next', qos)
        assert.equal((await chosen.other.expect('publish')).payload.toString(), 'next')
      })
    }
  }
})

describe('[MQTT-4.8.2-6] a message that its member refuses is discarded', () => {
  for (const [qos, cmd] of [
    [1, 'puback'],
    [2, 'pubrec'],
  ] as const) {
    test(`with a ${cmd.toUpperCase()} of each code that refuses`, async () => {
      for (const reasonCode of [0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]) {
        const { holder, other, message, clientId } = await choose(`refused/${qos}/${reasonCode}`, qos)
        holder.send({ cmd, messageId: message.messageId ?? 0, reasonCode })
        await holder.silence()
        await other.silence()
        holder.socket.destroy()
        const back = await RawClient.connect(port, 5, { clientId, ...KEPT })
        await back.silence()
        await other.silence()
      }
    })
  }
})
