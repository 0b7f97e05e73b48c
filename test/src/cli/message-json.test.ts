import assert from 'node:assert/strict'
import { it } from 'node:test'
import { messageJson } from '../../../src/cli/message-json.ts'
import type { PublishPacket } from '../../../src/client/connection.ts'

function message(payload: string, more: Partial<PublishPacket> = {}) {
  const bytes = Buffer.from(payload)
  const packet = {
    cmd: 'publish',
    topic: 'a',
    payload: bytes,
    qos: 0,
    dup: false,
    retain: false,
    ...more,
  } as const
  return { topic: 'a', payload: bytes, packet }
}

it('the payload is a text, or, where JSON is wanted, JSON', () => {
  const head = '{"tst":"now","topic":"a","qos":0,"retain":0,"payloadlen":7,"payload":'
  assert.equal(messageJson(message('{"b":1}'), 'now', 'text'), `${head}"{\\"b\\":1}"}`)
  assert.equal(messageJson(message('{"b":1}'), 'now', 'json'), `${head}{"b":1}}`)
})

it('an empty payload is null in both', () => {
  for (const kind of ['text', 'json'] as const)
    assert.equal((JSON.parse(messageJson(message(''), '', kind)) as { payload: unknown }).payload, null)
})

it('a payload that is no JSON is an error where it should be', () => {
  assert.throws(() => messageJson(message('[1,'), '', 'json'), {
    code: 'ERR_CLIENT',
    message: 'Message payload is not valid JSON on topic a',
  })
})

it("the identifier and the properties of MQTT 5 are there under mosquitto's names", () => {
  const properties = {
    userProperties: { k: ['v', 'w'], l: 'x' },
    contentType: 't',
    correlationData: Buffer.from('cd'),
    payloadFormatIndicator: true,
    messageExpiryInterval: 60,
  }
  const { mid, properties: written } = JSON.parse(
    messageJson(message('x', { qos: 1, messageId: 7, properties }), '', 'text'),
  ) as Record<string, unknown>
  assert.equal(mid, 7)
  assert.deepEqual(written, {
    'user-properties': { k: ['v', 'w'], l: 'x' },
    'content-type': 't',
    'correlation-data': 'cd',
    'payload-format-indicator': 1,
    'message-expiry-interval': 60,
  })
})
