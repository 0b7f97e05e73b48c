import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Match } from '../../../src/router/match.ts'
import { parsed } from '../../support/topics.ts'

const subscriber = {}
const options = { qos: 1, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const

test('a subscription that is not no local holds for the own messages of its subscriber as it is', () => {
  const match = Match.of(subscriber, parsed('a'), options)
  assert.equal(match.local, match)
  const merged = Match.merged([match, Match.of(subscriber, parsed('#'), options)])
  assert.equal(merged.local, merged)
})

test('at the same QoS the first filter gives its name to the merge', () => {
  const merged = Match.merged(['a', '#'].map((filter) => Match.of(subscriber, parsed(filter), options)))
  assert.equal(merged.filter, 'a')
})

test('an identifier that two subscriptions share is sent for each of them [MQTT-3.3.4-5]', () => {
  const match = Match.of(subscriber, parsed('a'), { ...options, subscriptionId: 3 })
  assert.deepEqual(Match.merged([match, match]).subscriptionIds, [3, 3])
})

test('three overlapping subscriptions keep the own messages apart, in whatever order they are merged', () => {
  const quiet = Match.of(subscriber, parsed('#'), { ...options, qos: 2, noLocal: true })
  const low = Match.of(subscriber, parsed('a'), { ...options, qos: 0, subscriptionId: 1 })
  const high = Match.of(subscriber, parsed('+'), { ...options, qos: 1, subscriptionId: 2 })
  for (const all of [
    [quiet, low, high],
    [low, quiet, high],
    [low, high, quiet],
  ] as const) {
    const merged = Match.merged(all)
    assert.equal(merged.qos, 2)
    assert.equal(merged.local?.qos, 1)
    assert.equal(merged.local?.local, merged.local)
    assert.deepEqual(merged.local?.subscriptionIds, [1, 2])
  }
})
