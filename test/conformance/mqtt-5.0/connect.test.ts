import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, test } from 'node:test'
import { startBroker } from '../../support/broker.ts'
import { connectPacket, RawClient } from '../../support/raw-client.ts'
import { hex } from '../../src/codec/framed.ts'
import { type Connect, connectBytes, frame, properties, refusalOfConnect, sized } from './frames.ts'

const { port } = await startBroker({ anonymous: true })
const MALFORMED = 0x81
const PROTOCOL_ERROR = 0x82

const RESERVED = 0x01
const CLEAN_START = 0x02
const WILL = 0x04
const WILL_RETAIN = 0x20
const PASSWORD = 0x40
const USERNAME = 0x80
/** The properties, the topic and the payload of a will. */
const WILL_FIELDS = "00 0001'w' 0000"

async function refused(connect: Connect): Promise<number | undefined> {
  return refusalOfConnect(port, connectBytes(connect))
}

/** Of a CONNECT that is accepted. */
async function accepted(connect: Connect): Promise<RawClient> {
  const client = await RawClient.open(port)
  client.write(connectBytes(connect))
  assert.equal((await client.expect('connack')).reasonCode, 0)
  return client
}

describe('[MQTT-3.1.0-1] the first packet is CONNECT', () => {
  for (const [what, bytes] of [
    ['CONNACK', '20 03 00 00 00'],
    ['PUBLISH', "30 04 0001't' 00"],
    ['PUBLISH of QoS 2', "34 06 0001't' 0001 00"],
    ['PUBACK', '40 02 0001'],
    ['PUBREC', '50 02 0001'],
    ['PUBREL', '62 02 0001'],
    ['PUBCOMP', '70 02 0001'],
    ['SUBSCRIBE', "82 07 0001 00 0001't' 00"],
    ['SUBACK', '90 04 0001 00 00'],
    ['UNSUBSCRIBE', "a2 06 0001 00 0001't'"],
    ['UNSUBACK', 'b0 04 0001 00 00'],
    ['PINGREQ', 'c0 00'],
    ['PINGRESP', 'd0 00'],
    ['DISCONNECT', 'e0 00'],
    ['AUTH', "f0 06 18 04 15 0001'm'"],
    ['no packet at all', "'GET / HTTP/1.1'"],
  ] as const) {
    test(`${what}: the connection ends, and a CONNECT behind it is not read`, async () => {
      const late = Buffer.concat([hex(bytes), connectBytes()])
      assert.equal(await refusalOfConnect(port, late), undefined)
    })
  }
})

describe('[MQTT-3.1.0-2] a second CONNECT is a protocol error', () => {
  for (const [what, second] of [
    ['the same', {}],
    ['that starts clean', { clean: true }],
    ['of another client identifier', { clientId: 'somebody-else' }],
  ] as const) {
    test(`${what}: DISCONNECT, no other CONNACK [MQTT-3.2.0-2], and the end`, async () => {
      const clientId = `second-${what}`
      const client = await RawClient.connect(port, 5, { clientId })
      client.send(connectPacket(5, { clientId, clean: false, ...second }), { cmd: 'pingreq' })
      assert.equal(await client.disconnected(), PROTOCOL_ERROR)
    })
  }

  test('also when both come in one write', async () => {
    const client = await RawClient.open(port)
    const twice = connectPacket(5, { clientId: 'twice' })
    client.send(twice, twice)
    assert.equal((await client.expect('connack')).reasonCode, 0)
    assert.equal(await client.disconnected(), PROTOCOL_ERROR)
  })
})

describe('the protocol', () => {
  for (const name of ["0004'MQTt'", "0004'mqtt'", "0005'MQTT5'", "0003'MQT'", '0000', "0004'HTTP'"]) {
    test(`[MQTT-3.1.2-1] of another name, ${name}: closed in silence`, async () => {
      assert.equal(await refused({ protocol: `${name} 05` }), undefined)
    })
  }

  for (const level of [0, 1, 2, 6, 7, 127, 255]) {
    test(`[MQTT-3.1.2-2] of level ${level}: unsupported protocol version, and the end`, async () => {
      assert.equal(await refused({ protocol: `0004'MQTT' ${level.toString(16).padStart(2, '0')}` }), 0x84)
    })
  }

  test('[MQTT-3.1.2-2] of level 3, which has another name: its code before MQTT 5, and the end', async () => {
    const client = await RawClient.open(port, 4)
    client.write(connectBytes({ protocol: "0004'MQTT' 03" }))
    assert.equal((await client.expect('connack')).returnCode, 1)
    assert.deepEqual(await client.end(), [])
  })
})

describe('Connect Flags', () => {
  test('[MQTT-3.1.2-3] the reserved one is 0, whatever the others are', async () => {
    for (const flags of [0, CLEAN_START, WILL, USERNAME | PASSWORD, 0xfe]) {
      const rest = [flags & WILL ? WILL_FIELDS : '', flags & USERNAME ? "0001'u' 0001'p'" : '']
      // a will of QoS 3 is closed upon in silence, whatever else there is
      assert.equal(await refused({ flags: flags | RESERVED, rest }), flags === 0xfe ? undefined : MALFORMED)
    }
  })

  test('[MQTT-3.1.2-9] a will is there when its flag is set, whole', async () => {
    for (const rest of ['', '00', "00 0001'w'", "00 0001'w' 00", "00 0001'w' 0001", "0001'w' 0000"]) {
      assert.equal(await refused({ flags: WILL, rest: [rest] }), MALFORMED, `fields ${rest}`)
    }
    await accepted({ flags: WILL, rest: [WILL_FIELDS] })
  })

  test('[MQTT-3.1.2-9] and no will when it is not', async () => {
    assert.equal(await refused({ flags: CLEAN_START, rest: [WILL_FIELDS] }), MALFORMED)
  })

  for (const qos of [1, 2, 3]) {
    test(`[MQTT-3.1.2-11] will QoS ${qos} without a will is malformed`, async () => {
      assert.equal(await refused({ flags: CLEAN_START | (qos << 3) }), MALFORMED)
    })
  }

  test('[MQTT-3.1.2-12] will QoS 3 is malformed; 0, 1 and 2 are not', async () => {
    assert.equal(await refused({ flags: WILL | (3 << 3), rest: [WILL_FIELDS] }), undefined)
    for (const qos of [0, 1, 2]) await accepted({ flags: WILL | (qos << 3), rest: [WILL_FIELDS] })
  })

  test('[MQTT-3.1.2-13] will retain without a will is malformed', async () => {
    assert.equal(await refused({ flags: CLEAN_START | WILL_RETAIN }), MALFORMED)
    await accepted({ flags: WILL | WILL_RETAIN, rest: [WILL_FIELDS] })
  })

  for (const [flags, fields, title] of [
    [0, 1, '[MQTT-3.1.2-16] no flag, but a user name'],
    [USERNAME, 0, '[MQTT-3.1.2-17] a flag, but no user name'],
    [USERNAME, 2, '[MQTT-3.1.2-18] a flag for the user name alone, but a password behind it'],
    [PASSWORD, 0, '[MQTT-3.1.2-19] a flag, but no password'],
    [PASSWORD, 2, '[MQTT-3.1.2-16] a flag for the password alone, but a user name before it'],
    [USERNAME | PASSWORD, 0, '[MQTT-3.1.2-17] both flags, but neither field'],
    [USERNAME | PASSWORD, 1, '[MQTT-3.1.2-19] both flags, but one field'],
  ] as const) {
    test(`${title}: malformed`, async () => {
      const rest = Array.from({ length: fields }, () => "0001'x'")
      // what its flags tell of and is not there: it is closed upon in silence
      const silent = /both flags|but no/.test(title)
      assert.equal(await refused({ flags: CLEAN_START | flags, rest }), silent ? undefined : MALFORMED)
    })
  }

  test('[MQTT-3.1.2-17] [MQTT-3.1.2-19] user name and password are there by their flags alone', async () => {
    await accepted({ flags: USERNAME, rest: ["0001'u'"] })
    await accepted({ flags: PASSWORD, rest: ['0001 ff'] })
    await accepted({ flags: USERNAME | PASSWORD, rest: ['0000', '0000'] })
  })
})

describe('the client identifier', () => {
  test('[MQTT-3.1.3-3] comes first in the payload, and always', async () => {
    assert.equal(await refusalOfConnect(port, frame(0x10, "0004'MQTT' 05 02 0000 00")), MALFORMED)
    assert.equal(await refusalOfConnect(port, frame(0x10, "0004'MQTT' 05 02 0000 00 0005'c'")), 0x81)
    // nothing but its length is missing, so the user name is read as the identifier, and is missed then
    assert.equal(await refusalOfConnect(port, frame(0x10, "0004'MQTT' 05 82 0000 00 0001'u'")), undefined)
  })

  test('[MQTT-3.1.3-5] of 1 to 23 letters and digits is accepted', async () => {
    const digits = '0123456789'
    const lower = 'abcdefghijklmnopqrstuvwxyz'
    const all = digits + lower + lower.toUpperCase()
    const ids = [...all.split(''), all.slice(0, 23), all.slice(23, 46), all.slice(39)]
    assert.ok(ids.every(({ length }) => length <= 23))
    await Promise.all(
      ids.map(async (clientId) => {
        const client = await RawClient.open(port)
        const { reasonCode, properties: said } = await client.connack({ clientId })
        assert.equal(reasonCode, 0)
        assert.equal(said?.assignedClientIdentifier, undefined)
      }),
    )
  })

  test('[MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.2.2-16] that is empty is replaced by one of its own, which CONNACK names', async () => {
    const assigned = new Set<string>()
    for (const flags of [CLEAN_START, 0, CLEAN_START]) {
      const client = await RawClient.open(port)
      client.write(connectBytes({ flags, clientId: '', properties: properties('11 0000003c') }))
      const { reasonCode, sessionPresent, properties: said } = await client.expect('connack')
      assert.deepEqual([reasonCode, sessionPresent], [0, false])
      const clientId = said?.assignedClientIdentifier ?? ''
      assert.ok(clientId.length > 0)
      assigned.add(clientId)
      // it names the session from then on
      const back = await RawClient.open(port)
      const resumed = await back.connack({ clientId, clean: false })
      assert.equal(resumed.sessionPresent, true)
      assert.equal(resumed.properties?.assignedClientIdentifier, undefined)
    }
    assert.equal(assigned.size, 3)
  })
})

describe('[MQTT-3.1.4-1] a CONNECT that is not as the standard wants it is refused and closed upon', () => {
  for (const [what, connect, code] of [
    ['bytes behind its last field', { rest: ['00'] }, MALFORMED],
    ['an unknown property', { properties: properties('7f 00') }, MALFORMED],
    ['a property of CONNACK', { properties: properties("12 0001'c'") }, PROTOCOL_ERROR],
    ['a property of its will', { properties: properties('18 00000001') }, PROTOCOL_ERROR],
    ['a property cut short', { properties: properties('11 000001') }, MALFORMED],
    ['properties longer than it is', { properties: hex('40') }, MALFORMED],
    ['a session expiry twice', { properties: properties('11 00000001 11 00000001') }, PROTOCOL_ERROR],
    ['receive maximum 0', { properties: properties('21 0000') }, PROTOCOL_ERROR],
    ['maximum packet size 0', { properties: properties('27 00000000') }, PROTOCOL_ERROR],
    ['request response information 2', { properties: properties('19 02') }, PROTOCOL_ERROR],
    ['request problem information 2', { properties: properties('17 02') }, PROTOCOL_ERROR],
    ['authentication data without a method', { properties: properties("16 0001'd'") }, PROTOCOL_ERROR],
    ['a will for a wildcard', { flags: WILL, rest: ["00 0003'w/#' 0000"] }, MALFORMED],
    ['a will for no topic', { flags: WILL, rest: ['00 0000 0000'] }, 0x90],
    ['a will with payload format 2', { flags: WILL, rest: ["02 0102 0001'w' 0000"] }, PROTOCOL_ERROR],
    ['a will with a topic alias', { flags: WILL, rest: ["03 23 0001 0001'w' 0000"] }, PROTOCOL_ERROR],
  ] as const) {
    test(what, async () => assert.equal(await refused(connect), code))
  }

  test('wherever it is cut short', async () => {
    const flags = WILL | USERNAME | PASSWORD
    const whole = connectBytes({ flags, clientId: 'cut', rest: [WILL_FIELDS, "0001'u' 0001'p'"] })
    const body = whole.subarray(2)
    const credentials = body.length - sized('u').length - sized('p').length
    for (let end = 0; end < body.length; end += 1) {
      const code = await refusalOfConnect(port, frame(0x10, body.subarray(0, end)))
      // before its level it does not say in which version it could be answered
      // nor is it answered without a keep alive, or without the credentials that its flags tell of
      const silent = end < 7 || (end >= 8 && end < 10) || end >= credentials
      assert.equal(code, silent ? undefined : MALFORMED, `after ${end} bytes`)
    }
  })
})

describe('the answer', () => {
  test('[MQTT-3.1.4-5] to a good CONNECT is CONNACK with 0, and one only', async () => {
    const client = await accepted({})
    await client.silence()
  })

  test('[MQTT-3.2.0-1] comes before that to all that was sent behind CONNECT', async () => {
    const client = await RawClient.open(port)
    client.write(
      Buffer.concat([
        connectBytes(),
        frame(0x82, "0001 00 0001'p' 00"),
        frame(0x32, "0001'p' 0002 00"),
        hex('c0 00'),
      ]),
    )
    for (const cmd of ['connack', 'suback', 'publish', 'puback', 'pingresp'] as const)
      await client.expect(cmd)
  })

  test('[MQTT-3.2.0-1] comes before what waits in the session, by whichever QoS', async () => {
    const options = { clientId: 'waited-for', clean: false, properties: { sessionExpiryInterval: 60 } }
    const away = await RawClient.connect(port, 5, options)
    await away.subscribe({ topic: 'waiting', qos: 2 })
    const publisher = await RawClient.connect(port)
    // unacknowledged on the first connection, sent again on the second
    publisher.publish({ topic: 'waiting', qos: 1, messageId: 1 })
    await away.expect('publish')
    away.send({ cmd: 'disconnect' })
    await away.end()
    publisher.publish({ topic: 'waiting', qos: 2, messageId: 2 })
    await publisher.expect('puback')
    await publisher.expect('pubrec')
    const back = await RawClient.open(port)
    assert.equal((await back.connack(options)).sessionPresent, true)
    for (const _ of [1, 2]) await back.expect('publish')
    await back.silence()
  })
})

describe('CONNACK', () => {
  test('[MQTT-3.2.2-1] has no flag but Session Present', async () => {
    for (const [first, expected] of [
      [false, 0],
      [true, 1],
    ] as const) {
      const options = { clientId: `flags-${first}`, clean: false, properties: { sessionExpiryInterval: 60 } }
      if (first) await RawClient.connect(port, 5, options)
      const client = await RawClient.open(port)
      const heard: Buffer[] = []
      client.socket.on('data', (chunk: Buffer) => void heard.push(chunk))
      await client.connack(options)
      assert.equal(Buffer.concat(heard)[2], expected)
    }
  })

  test('[MQTT-3.2.2-7] above 0x80 is the last packet of the connection', async () => {
    for (const [connect, code] of [
      [{ flags: RESERVED }, 0x81],
      [{ properties: properties('21 0000') }, 0x82],
      [{ protocol: "0004'MQTT' 06" }, 0x84],
      [{ properties: properties("15 0001'm'") }, 0x8c],
      [{ flags: WILL, rest: ["00 0001'#' 0000"] }, 0x81],
      [{ flags: WILL, rest: ["00 0009'$SYS/will' 0000"] }, 0x87],
    ] as const) {
      // refusalOfConnect sees the broker end the stream
      const behind = Buffer.concat([connectBytes(connect), hex('c0 00')])
      assert.equal(await refusalOfConnect(port, behind), code)
    }
  })

  test('[MQTT-3.1.4-6] is all: nothing behind a refused CONNECT is processed', async () => {
    const behind = [
      frame(0x31, "0007'sneaked' 00 'in'"),
      frame(0x33, "0007'sneaked' 0001 00 'in'"),
      frame(0x82, "0001 00 0007'sneaked' 00"),
      connectBytes({ clientId: 'sneaked' }),
    ]
    for (const refusedOne of [{ flags: RESERVED }, { properties: properties("15 0001'm'") }]) {
      const code = await refusalOfConnect(port, Buffer.concat([connectBytes(refusedOne), ...behind]))
      assert.ok(code === MALFORMED || code === 0x8c)
    }
    const client = await RawClient.connect(port, 5, { clientId: 'sneaked', clean: false })
    await client.subscribe({ topic: 'sneaked', qos: 0 })
    await client.silence()
  })

  test('[MQTT-3.1.2-29] and DISCONNECT may give a reason; PUBACK and PUBREC do where that is asked for', async () => {
    for (const wanted of [true, false, undefined]) {
      const asked = wanted === undefined ? {} : { requestProblemInformation: wanted }
      const client = await RawClient.connect(port, 5, { properties: asked })
      client.publish({ topic: '$SYS/mine', qos: 1, messageId: 1 })
      const { reasonCode, properties: said } = await client.expect('puback')
      assert.equal(reasonCode, 0x87)
      assert.equal(said?.reasonString !== undefined, wanted === true)
      client.publish({ topic: '$SYS/mine', qos: 2, messageId: 2 })
      assert.equal((await client.expect('pubrec')).properties?.reasonString !== undefined, wanted === true)
      // the broker has words of its own for those alone who have asked for them
      client.write(hex('c1 00'))
      const [end] = await client.end()
      assert.ok(end?.cmd === 'disconnect')
      assert.equal(end.properties?.reasonString !== undefined, wanted === true)
    }
  })
})

test('[MQTT-3.1.3-1] the payload is read as client identifier, will, user name, password', async () => {
  const watcher = await RawClient.connect(port)
  await watcher.subscribe({ topic: 'order/#', qos: 0 })
  const willProperties = properties("03 0004'type' 08 0005'reply' 09 0002'co' 01 01")
  const client = await accepted({
    flags: CLEAN_START | WILL | USERNAME | PASSWORD,
    clientId: 'order/client',
    rest: [
      willProperties,
      sized('order/will'),
      sized('payload'),
      sized('order/user'),
      sized('order/password'),
    ],
  })
  client.socket.destroy()
  const { topic, payload, properties: heard } = await watcher.expect('publish')
  assert.deepEqual([topic, String(payload)], ['order/will', 'payload'])
  assert.equal(heard?.contentType, 'type')
  assert.equal(heard?.responseTopic, 'reply')
  assert.equal(String(heard?.correlationData), 'co')
  assert.equal(heard?.payloadFormatIndicator, true)
})
