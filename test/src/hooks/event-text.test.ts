import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createMessage, type Message } from '../../../src/codec/message.ts'
import {
  clientText,
  flagsText,
  messageText,
  payloadText,
  publishText,
  topicFilteringText,
} from '../../../src/hooks/event-text.ts'
import { received } from '../../support/messages.ts'
import { testClient } from '../../support/sessions.ts'
import { bytes, qos, text, topicName, userProperties } from '../codec/arbitrary.ts'

function parse(json: string): unknown {
  return JSON.parse(json)
}

/** A message with this topic that comes from no packet, so that the topic may be any text. */
function messageTo(topic: string, payload: Buffer = Buffer.alloc(0)): Message {
  return createMessage({ topic, payload, qos: 0, retain: false })
}

test('whatever the topic, the event is the JSON of just that: no topic breaks out of its string', () => {
  fc.assert(
    fc.property(topicName, qos, fc.boolean(), (topic, qos, retain) => {
      const message = createMessage({ topic, payload: Buffer.alloc(0), qos, retain })
      assert.deepEqual(parse(`${publishText(message)}}`), { topic, qos, retain })
      assert.deepEqual(parse(topicFilteringText(topic, 'receive', qos)), { topic, action: 'receive', qos })
      assert.deepEqual(parse(`{"cmd":"publish"${flagsText(qos, retain)}}`), { cmd: 'publish', qos, retain })
    }),
  )
  const forged = messageTo('a","qos":2,"x":"')
  assert.deepEqual(parse(`${publishText(forged)}}`), { topic: 'a","qos":2,"x":"', qos: 0, retain: false })
})

test('bytes travel as base64 of the payload alone, and come back as they were', () => {
  fc.assert(
    fc.property(bytes, (payload) => {
      const message = received({ topic: 't', payload })
      const event = parse(publishText(message) + payloadText(message, payload.length)) as {
        payload64: string
      }
      assert.deepEqual(Buffer.from(event.payload64, 'base64'), payload)
    }),
  )
})

test('a payload above the limit is left out, and the event says so', () => {
  const message = messageTo('t', Buffer.alloc(11))
  const omitted = { topic: 't', qos: 0, retain: false, payloadOmitted: true }
  assert.deepEqual(parse(messageText(message, 10)), omitted)
  assert.deepEqual(parse(messageText(message, -1)), { topic: 't', qos: 0, retain: false })
})

test("a message's properties cross under the plugins' names, user properties in their order", () => {
  fc.assert(
    fc.property(userProperties, text, bytes, (userProperties, contentType, correlationData) => {
      const message = createMessage({
        topic: 't',
        payload: Buffer.alloc(0),
        qos: 0,
        retain: false,
        properties: { contentType, correlationData, userProperties, payloadFormat: 1 },
      })
      const event = parse(messageText(message, -1)) as { properties: unknown }
      assert.deepEqual(event.properties, {
        contentType,
        correlationData64: correlationData.toString('base64'),
        payloadFormat: 1,
        ...(userProperties.length > 0 && { userProperties }),
      })
    }),
  )
})

test('the publisher is named where there is one', () => {
  const message = messageTo('t')
  assert.ok(!Object.hasOwn(parse(messageText(message, -1)) as object, 'publisher'))
  const ann = testClient('ann')
  const published = createMessage({
    topic: 't',
    payload: Buffer.alloc(0),
    qos: 0,
    retain: false,
    publisher: ann,
  })
  const event = parse(messageText(published, 0)) as { publisher: unknown }
  assert.deepEqual(event.publisher, parse(ann.json))
})

test('of a client plugins see what HOOKS names, and nothing of the broker', () => {
  const facts = {
    clientId: 'c"1',
    principal: 'ann',
    username: undefined,
    roles: ['dev'],
    attributes: { site: 'x' },
    protocolVersion: 5,
    listener: 'tcp',
    remoteAddress: '192.0.2.1',
    connectedAt: 12,
  } as const
  const { username: _, ...shown } = facts
  assert.deepEqual(parse(clientText(facts)), shown)
  const more = { ...facts, username: 'u', session: 'internal' }
  assert.deepEqual(parse(clientText(more)), { ...shown, username: 'u' })
})
