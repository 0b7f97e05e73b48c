import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unavailableFor } from '../../../src/protocol/unavailable.ts'
import { parsed } from '../../support/topics.ts'

const ALL = {
  wildcardSubscriptionAvailable: true,
  sharedSubscriptionAvailable: true,
  subscriptionIdentifiersAvailable: true,
}

test('what is there is missing for no subscription', () => {
  assert.equal(unavailableFor(ALL, parsed('$share/s/a/+'), 1), null)
})

test('what is not there is missing for those that need it, and for no other', () => {
  const none = {
    wildcardSubscriptionAvailable: false,
    sharedSubscriptionAvailable: false,
    subscriptionIdentifiersAvailable: false,
  }
  assert.equal(unavailableFor(none, parsed('a/b')), null)
  assert.equal(unavailableFor(none, parsed('a/b'), 1)?.code, 0xa1)
  assert.equal(unavailableFor(none, parsed('$share/s/a'))?.code, 0x9e)
  assert.equal(unavailableFor(none, parsed('a/#'))?.code, 0xa2)
  assert.equal(
    unavailableFor({ ...ALL, wildcardSubscriptionAvailable: false }, parsed('$share/s/#'))?.code,
    0xa2,
  )
})
