import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Crowd, isSubscribed, withMatch, withoutMatch } from '../../../src/router/audience.ts'
import { Match } from '../../../src/router/match.ts'
import { parsed } from '../../support/topics.ts'

const options = { qos: 0, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const
const ann = Match.of({}, parsed('a'), options)
const bob = Match.of({}, parsed('a'), options)

test('a single subscriber stands bare, and does so again when the others have left', () => {
  assert.equal(withMatch(null, '', ann), ann)
  const both = withMatch(ann, '', bob)
  assert.ok(both instanceof Crowd)
  assert.ok(isSubscribed(both, '', ann.subscriber) && isSubscribed(both, '', bob.subscriber))
  assert.equal(withoutMatch(both, '', ann.subscriber), bob)
  assert.equal(withoutMatch(bob, '', bob.subscriber), null)
})

test('a shared subscription is another one than the same filter without a share name [MQTT 5.0, 4.8.2]', () => {
  const shared = withMatch(null, 'g', ann)
  assert.ok(isSubscribed(shared, 'g', ann.subscriber))
  assert.ok(!isSubscribed(shared, '', ann.subscriber))
  assert.ok(!isSubscribed(shared, 'h', ann.subscriber))
  assert.ok(!isSubscribed(ann, 'g', ann.subscriber))
  const all = withMatch(shared, '', ann)
  assert.equal(withoutMatch(all, 'g', ann.subscriber), ann)
})

test('the last member takes its group with it', () => {
  assert.equal(withoutMatch(withMatch(null, 'g', ann), 'g', ann.subscriber), null)
})
