import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMessage } from '../../../src/codec/message.ts'
import { rewrite } from '../../../src/router/rewriting.ts'
import { type ParsedFilter, parseFilter } from '../../../src/router/topic-filter.ts'
import { Outgoing } from '../../../src/session/outgoing.ts'
import {
  outgoingText,
  restoredOutgoing,
  restoredSubscription,
  subscriptionText,
} from '../../../src/session/written.ts'

const OPTIONS = { qos: 1, noLocal: true, retainAsPublished: false, subscriptionId: 7 } as const

function parsed(filter: string): ParsedFilter {
  const found = parseFilter(filter)
  assert.ok(!('refusal' in found))
  return found
}

test('a subscription comes back with its options, shared or not', () => {
  for (const filter of ['a/#', '$share/g/a/+']) {
    const subscription = { parsed: parsed(filter), options: OPTIONS }
    assert.deepEqual(restoredSubscription(filter, subscriptionText(subscription)), subscription)
  }
})

test('a subscription that a plugin has rewritten is routed as it was, under the names that its client knows', () => {
  const rewritten = rewrite(parsed('$share/g/lamp/#'), 'home/lamp/#')
  assert.ok(!('refusal' in rewritten))
  const back = restoredSubscription(
    '$share/g/lamp/#',
    subscriptionText({ parsed: rewritten, options: OPTIONS }),
  )
  assert.deepEqual([back?.parsed.filter, back?.parsed.shareName], ['home/lamp/#', 'g'])
  assert.equal(back?.parsed.renaming?.nameOf('home/lamp/kitchen'), 'lamp/kitchen')
})

test('what this version does not take for a filter is left out', () => {
  assert.equal(restoredSubscription('a/#/b', JSON.stringify(OPTIONS)), null)
})

const message = createMessage({ topic: 'home/lamp', payload: Buffer.from('on'), qos: 2, retain: false })
const via = { subscriptionIds: [3, 4], filter: 'home/#', as: 'lamp' }

test('what waits comes back as it was published: so plugins are asked about it', () => {
  const waiting = new Outgoing(message, 2, false, via, 'allowed')
  const how = outgoingText(waiting)
  const back = restoredOutgoing({ place: 5, message, form: null, how, packetId: 0, released: 0 })
  assert.deepEqual([back.message, back.published, back.as], [message, message, 'lamp'])
})

test('what was sent as plugins had changed it comes back as it left, beside what was published', () => {
  const form = createMessage({ topic: 'lamp', payload: Buffer.from('*'), qos: 2, retain: false })
  const left = new Outgoing(form, 1, false, { ...via, as: null }, 'allowed', null, message)
  const how = outgoingText(left)
  const back = restoredOutgoing({ place: 5, message, form, how, packetId: 9, released: 3 })
  assert.deepEqual([back.message, back.published, back.qos], [form, message, 1])
  assert.deepEqual([back.isChanged, back.released], [true, true])
})

test('a message that was sent comes back as it left, and is to be checked again', () => {
  const outgoing = new Outgoing(message, 2, true, via, 'allowed')
  const back = restoredOutgoing({
    place: 5,
    message,
    how: outgoingText(outgoing),
    packetId: 9,
    form: null,
    released: 0,
  })
  assert.deepEqual(
    [
      back.qos,
      back.retain,
      back.subscriptionIds,
      back.filter,
      back.as,
      back.place,
      back.check,
      back.isChanged,
    ],
    [2, true, [3, 4], 'home/#', 'lamp', 5, 'due', false],
  )
  assert.deepEqual([back.message.topic, back.published.topic], ['lamp', 'home/lamp'])
})
