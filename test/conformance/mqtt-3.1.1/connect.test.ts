import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import path from 'node:path'
import { test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import {
  byte,
  closedInSilence,
  First,
  handWrittenConnect,
  onEachLevel,
  packet,
  payloadsOf,
  text,
  uint16,
} from '../../support/hand-written.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const { port } = await startBroker({ anonymous: true })
const closed = await startBroker({})

/** Takes no client identifier of whoever calls itself so. */
const PICKY = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: ({ username }) =>
    username === 'unwelcome' ? deny({ code: 0x85 }) : allow({ principal: 'p' }),
})
`
const folder = tempFolder({ 'picky/plugin.ts': PICKY })
const picky = await startBroker({ plugins: { [path.join(folder, 'picky')]: null } })

/** Connect Flags. */
const Flag = {
  reserved: 0x01,
  cleanSession: 0x02,
  will: 0x04,
  willQos1: 0x08,
  willQos2: 0x10,
  willRetain: 0x20,
  password: 0x40,
  userName: 0x80,
} as const

const ID = text('by-hand')

/** A CONNECT with these flags besides Clean Session, and these fields behind the client identifier. */
function connectWith(level: 3 | 4, flags: number, ...fields: readonly Buffer[]): Buffer {
  return handWrittenConnect({ level, flags: Flag.cleanSession | flags, payload: [ID, ...fields] })
}

async function refusedWithCode(
  at: { readonly port: number },
  level: 3 | 4,
  bytes: Buffer,
  returnCode: number,
): Promise<void> {
  const client = await RawClient.open(at.port, level)
  client.write(bytes)
  assert.deepEqual(
    (await client.end()).map((answer) => [answer.cmd, answer.cmd === 'connack' && answer.returnCode]),
    [['connack', returnCode]],
  )
}

async function accepted(level: 3 | 4, bytes: Buffer): Promise<void> {
  const client = await RawClient.open(port, level)
  client.write(bytes)
  assert.equal((await client.expect('connack')).returnCode, 0, bytes.toString('hex'))
  client.socket.destroy()
}

test('[MQTT-3.1.2-1] another protocol name closes the connection without an answer', async () => {
  for (const protocol of ['', 'M', 'MQT', 'MQTTT', 'mqtt', 'MQTU', 'MqTT', 'MQIsd', 'MQIsdpp', 'HTTP']) {
    await closedInSilence(port, 4, handWrittenConnect({ level: 4, protocol }))
  }
})

test('[MQTT-3.1.2-2] the level of another name is answered with return code 1, and the end', async () => {
  await refusedWithCode({ port }, 4, handWrittenConnect({ level: 3, protocol: 'MQTT' }), 1)
  await refusedWithCode({ port }, 3, handWrittenConnect({ level: 4, protocol: 'MQIsdp' }), 1)
})

test('[MQTT-3.1.2-2] a level that is of no version is refused, and closed upon', async () => {
  for (const level of [0, 1, 2, 6, 0x7f, 0xff]) {
    const client = await RawClient.open(port, 4)
    client.write(handWrittenConnect({ level, protocol: 'MQTT' }))
    const [answer, ...more] = await client.end()
    assert.equal(answer?.cmd, 'connack')
    // 0x84 is how MQTT 5.0 says it
    assert.ok(answer.cmd === 'connack' && [1, 0x84].includes(answer.returnCode ?? 0), `level ${level}`)
    assert.equal(more.length, 0)
  }
})

test('[MQTT-3.1.2-3] the reserved connect flag closes the connection', async () => {
  for (const flags of [0, Flag.cleanSession, Flag.will, Flag.userName]) {
    const payload = [ID, text('topic or name'), text('message')]
    await closedInSilence(port, 4, handWrittenConnect({ level: 4, flags: flags | Flag.reserved, payload }))
    await closedInSilence(port, 4, handWrittenConnect({ level: 4, flags: flags | Flag.reserved }))
  }
})

test('[MQTT-3.1.3-6] whoever has no identifier is given one that nobody else has', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => RawClient.connect(port, 4, { clientId: '' })))
  // had two the same, one would have been taken over
  for (const client of all) await client.silence()
})

test('[MQTT-3.1.3-7] [MQTT-3.1.3-8] no identifier without Clean Session: return code 2, and the end', async () => {
  const payload = [text('')]
  await refusedWithCode({ port }, 4, handWrittenConnect({ level: 4, flags: 0, payload }), 2)
  await refusedWithCode({ port }, 3, handWrittenConnect({ level: 3, flags: 0, payload }), 2)
  // MQTT 3.1 has no clients without an identifier
  await refusedWithCode({ port }, 3, handWrittenConnect({ level: 3, payload }), 2)
})

onEachLevel('[MQTT-3.1.0-1] what comes before CONNECT closes the connection', async (level) => {
  const id = uint16(1)
  const firsts = [
    packet(First.publish, text('t')),
    packet(First.publish | 0b010, text('t'), id),
    packet(First.publish | 0b100, text('t'), id),
    packet(First.puback, id),
    packet(First.pubrec, id),
    packet(First.pubrel, id),
    packet(First.pubcomp, id),
    packet(First.subscribe, id, text('t'), byte(0)),
    packet(First.unsubscribe, id, text('t')),
    packet(First.pingreq),
    packet(First.disconnect),
    packet(0x20, id),
    packet(0x90, id, byte(0)),
    packet(0xb0, id),
    packet(0xd0),
    packet(0x00),
    packet(0xf0),
  ]
  const connect = handWrittenConnect({ level })
  await Promise.all(firsts.map((first) => closedInSilence(port, level, Buffer.concat([first, connect]))))
})

onEachLevel('[MQTT-3.1.0-1] the first byte alone says that it is no CONNECT', async (level) => {
  await closedInSilence(port, level, byte(First.publish))
})

onEachLevel(
  '[MQTT-3.1.0-2] a second CONNECT closes the connection, the same one or another',
  async (level) => {
    for (const clientId of ['twice', 'another']) {
      const client = await RawClient.connect(port, level, { clientId: 'twice' })
      client.send(connectPacket(level, { clientId }))
      assert.deepEqual(await client.end(), [])
    }
  },
)

onEachLevel('[MQTT-3.1.2-9] with a will, its topic and its message are there', async (level) => {
  await accepted(level, connectWith(level, Flag.will, text('topic'), text('message')))
  await accepted(level, connectWith(level, Flag.will, text('topic'), text('')))
  await closedInSilence(port, level, connectWith(level, Flag.will))
  await closedInSilence(port, level, connectWith(level, Flag.will, text('topic')))
  await closedInSilence(port, level, connectWith(level, Flag.will, text(''), text('message')))
})

onEachLevel('[MQTT-3.1.2-11] without a will, neither its topic nor its message is there', async (level) => {
  await closedInSilence(port, level, connectWith(level, 0, text('topic'), text('message')))
})

onEachLevel('[MQTT-3.1.2-13] without a will, the will QoS is 0', async (level) => {
  for (const flags of [Flag.willQos1, Flag.willQos2]) {
    await closedInSilence(port, level, connectWith(level, flags))
    await closedInSilence(port, level, connectWith(level, flags, text('topic'), text('message')))
  }
})

onEachLevel('[MQTT-3.1.2-14] a will QoS is 0, 1 or 2, not 3', async (level) => {
  const will = [text('topic'), text('message')]
  for (const qos of [0, Flag.willQos1, Flag.willQos2]) {
    await accepted(level, connectWith(level, Flag.will | qos, ...will))
  }
  const all = Flag.will | Flag.willQos1 | Flag.willQos2
  await closedInSilence(port, level, connectWith(level, all, ...will))
  await closedInSilence(port, level, connectWith(level, all | Flag.willRetain, ...will))
})

onEachLevel('[MQTT-3.1.2-15] without a will, the will retain is 0', async (level) => {
  await closedInSilence(port, level, connectWith(level, Flag.willRetain))
  await closedInSilence(port, level, connectWith(level, Flag.willRetain, text('topic'), text('message')))
})

onEachLevel('[MQTT-3.1.2-18] without its flag, there is no user name', async (level) => {
  await closedInSilence(port, level, connectWith(level, 0, text('user')))
})

onEachLevel('[MQTT-3.1.2-19] with its flag, there is a user name', async (level) => {
  await accepted(level, connectWith(level, Flag.userName, text('user')))
  await accepted(level, connectWith(level, Flag.userName, text('')))
  await closedInSilence(port, level, connectWith(level, Flag.userName))
})

onEachLevel('[MQTT-3.1.2-20] without its flag, there is no password', async (level) => {
  await closedInSilence(port, level, connectWith(level, Flag.userName, text('user'), text('password')))
})

onEachLevel('[MQTT-3.1.2-21] with its flag, there is a password, of any bytes', async (level) => {
  const both = Flag.userName | Flag.password
  await accepted(level, connectWith(level, both, text('user'), text('password')))
  await accepted(level, connectWith(level, both, text('user'), text('')))
  await accepted(level, connectWith(level, both, text('user'), text(Buffer.of(0, 0xff, 0xed, 0xa0))))
  await closedInSilence(port, level, connectWith(level, both, text('user')))
})

onEachLevel('[MQTT-3.1.2-22] without a user name, there is no password', async (level) => {
  await closedInSilence(port, level, connectWith(level, Flag.password, text('password')))
  await closedInSilence(port, level, connectWith(level, Flag.password))
})

onEachLevel(
  '[MQTT-3.1.3-1] the fields come in the order client, topic, message, user, password',
  async (level) => {
    const watcher = await RawClient.connect(port, level)
    await watcher.subscribe({ topic: `order/${level}`, qos: 0 })
    const client = await RawClient.open(port, level)
    const fields = [`order/${level}`, 'message', 'user', 'password'].map(text)
    client.write(connectWith(level, Flag.will | Flag.userName | Flag.password, ...fields))
    assert.equal((await client.expect('connack')).returnCode, 0)
    client.socket.destroy()
    assert.deepEqual(await payloadsOf(watcher, 1), ['message'])
  },
)

onEachLevel('[MQTT-3.1.3-2] a session is of one client identifier, to the letter', async (level) => {
  const base = `sessions-${level}`
  const kept = await RawClient.connect(port, level, { clientId: base, clean: false })
  await kept.subscribe({ topic: base, qos: 1 })
  kept.send({ cmd: 'disconnect' })
  await kept.end()
  const publisher = await RawClient.connect(port, level)
  publisher.publish({ topic: base, payload: 'kept', qos: 1, messageId: 1 })
  await publisher.expect('puback')
  for (const clientId of [base.toUpperCase(), `${base} `, base.slice(0, -1)]) {
    const other = await RawClient.connect(port, level, { clientId, clean: false })
    await other.silence()
  }
  const back = await RawClient.connect(port, level, { clientId: base, clean: false })
  assert.deepEqual(await payloadsOf(back, 1), ['kept'])
})

onEachLevel('[MQTT-3.1.3-3] the client identifier is there, and comes first', async (level) => {
  await closedInSilence(port, level, handWrittenConnect({ level, payload: [] }))
  await closedInSilence(port, level, handWrittenConnect({ level, payload: [uint16(2), byte(0x61)] }))
})

onEachLevel('[MQTT-3.1.3-4] the client identifier is UTF-8', async (level) => {
  for (const bytes of [Buffer.of(0xff), Buffer.of(0xed, 0xa0, 0x80), Buffer.of(0xc0, 0x80)]) {
    await closedInSilence(port, level, handWrittenConnect({ level, payload: [text(bytes)] }))
  }
  await accepted(level, handWrittenConnect({ level, payload: [text('Zoë-€')] }))
})

onEachLevel('[MQTT-3.1.3-5] identifiers of 1 to 23 digits and letters are allowed', async (level) => {
  const letters = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const identifiers = Array.from({ length: 23 }, (_, place) => letters.slice(0, place + 1))
  identifiers.push(...letters.split(''), letters.slice(23, 46), letters.slice(39))
  await Promise.all(
    identifiers.map((id) => accepted(level, handWrittenConnect({ level, payload: [text(id)] }))),
  )
})

onEachLevel(
  '[MQTT-3.1.3-9] an identifier that the broker does not take: return code 2, and the end',
  async (level) => {
    await refusedWithCode(picky, level, connectWith(level, Flag.userName, text('unwelcome')), 2)
  },
)

onEachLevel('[MQTT-3.1.3-10] the will topic is UTF-8, without wildcards', async (level) => {
  for (const topic of [Buffer.of(0xff), Buffer.of(0xed, 0xbf, 0xbf), Buffer.from('a\0b')]) {
    await closedInSilence(port, level, connectWith(level, Flag.will, text(topic), text('message')))
  }
  for (const topic of ['#', 'a/+', '+', 'a/#']) {
    await closedInSilence(port, level, connectWith(level, Flag.will, text(topic), text('message')))
  }
})

onEachLevel('[MQTT-3.1.3-11] the user name is UTF-8', async (level) => {
  for (const user of [Buffer.of(0xff), Buffer.of(0xed, 0xa0, 0x80), Buffer.from('a\0b')]) {
    await closedInSilence(port, level, connectWith(level, Flag.userName, text(user)))
  }
  await accepted(level, connectWith(level, Flag.userName, text('Zoë €')))
})

onEachLevel(
  '[MQTT-3.1.4-1] [MQTT-3.2.2-6] a malformed CONNECT is closed upon, without CONNACK',
  async (level) => {
    const whole = connectWith(level, Flag.userName | Flag.password, text('user'), text('password'))
    // the packet ends anywhere, its length says so
    const cut = Array.from({ length: whole.length - 2 }, (_, size) =>
      packet(First.connect, whole.subarray(2, 2 + size)),
    )
    const longer = packet(First.connect, whole.subarray(2), byte(0))
    const malformed = [...cut, longer]
    await Promise.all(malformed.map((bytes) => closedInSilence(port, level, bytes)))
    await accepted(level, whole)
  },
)

onEachLevel('[MQTT-3.1.4-4] a good CONNECT is answered with CONNACK and return code 0', async (level) => {
  const client = await RawClient.open(port, level)
  const connack = await client.connack()
  assert.deepEqual([connack.returnCode, connack.sessionPresent], [0, false])
  await client.silence()
})

onEachLevel('[MQTT-3.1.4-5] what comes behind a refused CONNECT is not processed', async (level) => {
  const topic = `behind/${level}`
  const behind = packet(First.publish | 1, text(topic), Buffer.from('not to be kept'))
  const refused = handWrittenConnect({ level, flags: 0, payload: [text('')] })
  await refusedWithCode({ port }, level, Buffer.concat([refused, behind, packet(First.pingreq)]), 2)
  const client = await RawClient.connect(port, level)
  await client.subscribe({ topic, qos: 0 })
  await client.silence()
})

onEachLevel(
  '[MQTT-3.1.4-5] [MQTT-3.2.2-5] whoever is not authorized is told so, and nothing else',
  async (level) => {
    const behind = [packet(First.subscribe, uint16(1), text('#'), byte(0)), packet(First.pingreq)]
    const bytes = Buffer.concat([handWrittenConnect({ level }), ...behind])
    await refusedWithCode(closed, level, bytes, 5)
  },
)

onEachLevel(
  '[MQTT-3.2.0-1] the first packet that a client gets is CONNACK, whatever waits for it',
  async (level) => {
    const clientId = `first-${level}`
    const topic = `first/${level}`
    const kept = await RawClient.connect(port, level, { clientId, clean: false })
    await kept.subscribe({ topic, qos: 1 })
    kept.send({ cmd: 'disconnect' })
    await kept.end()
    const publisher = await RawClient.connect(port, level)
    publisher.publish({ topic, payload: 'waits', qos: 1, messageId: 1 })
    await publisher.expect('puback')
    const back = await RawClient.open(port, level)
    const all = [connectPacket(level, { clientId, clean: false }), { cmd: 'pingreq' } as const]
    back.send(...all)
    assert.equal((await back.expect('connack')).returnCode, 0)
    assert.equal(String((await back.expect('publish')).payload), 'waits')
    await back.expect('pingresp')
  },
)

onEachLevel('[MQTT-3.2.2-4] with a return code other than 0, no session is present', async (level) => {
  const clientId = `absent-${level}`
  const again = { clientId, clean: false }
  const kept = await RawClient.connect(picky.port, level, again)
  kept.send({ cmd: 'disconnect' })
  await kept.end()
  const unwelcome = await RawClient.open(picky.port, level)
  const refused = await unwelcome.connack({ ...again, username: 'unwelcome' })
  assert.deepEqual([refused.returnCode, refused.sessionPresent], [2, false])
  const back = await RawClient.open(picky.port, level)
  // MQTT 3.1 has no flag for it
  assert.equal((await back.connack(again)).sessionPresent, level === 4)
})
