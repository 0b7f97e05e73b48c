import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TOPIC_BYTES } from '../../../src/base/limits.ts'
import { rewrite } from '../../../src/router/rewriting.ts'
import { filterMatches, type ParsedFilter } from '../../../src/router/topic-filter.ts'
import { parsed, topicFilters, topicNames } from '../../support/topics.ts'

function rewritten(asked: string, to: string): ParsedFilter {
  const routed = rewrite(parsed(asked), to)
  if ('refusal' in routed) throw new Error(routed.refusal)
  return routed
}

/** What the client calls a topic of the routed filter. */
function nameOf(asked: string, to: string, topic: string): string | null | undefined {
  return rewritten(asked, to).renaming?.nameOf(topic)
}

test('what the wildcards match is carried over to those of the filter that was asked for', () => {
  assert.equal(nameOf('#', 'home/#', 'home/kitchen/lamp'), 'kitchen/lamp')
  assert.equal(nameOf('lamps/+/state', 'v2/+/lamp/state', 'v2/k1/lamp/state'), 'lamps/k1/state')
  assert.equal(nameOf('a/+/b/#', 'x/+/#', 'x/1/2/3'), 'a/1/b/2/3')
  assert.equal(nameOf('a/#', 'home/x/#', 'home/x'), 'a')
  assert.equal(nameOf('mine', 'users/ann/inbox', 'users/ann/inbox'), 'mine')
})

test('a topic without a name there has none: empty, or hidden from a leading wildcard [MQTT-4.7.2-1]', () => {
  assert.equal(nameOf('#', 'home/#', 'home'), null)
  assert.equal(nameOf('+', 'home/+', 'home/'), null)
  assert.equal(nameOf('#', 'home/#', 'home/$SYS/x'), null)
  assert.equal(nameOf('+/a', 'home/+/a', 'home/$x/a'), null)
  const long = 'x'.repeat(TOPIC_BYTES - 2)
  assert.equal(nameOf('abc/#', 'a/#', `a/${long}`), null, 'too long')
  assert.equal(nameOf('é/#', 'a/#', `a/${long}`), null, 'too long, in bytes')
  assert.equal(nameOf('b/#', 'a/#', `a/${long}`), `b/${long}`)
})

test('the share name stays', () => {
  const { filter, shareName } = rewritten('$share/g/a/#', 'home/a/#')
  assert.deepEqual([filter, shareName], ['home/a/#', 'g'])
})

for (const [asked, to, why] of [
  ['a/#', 'a/b', 'fewer wildcards'],
  ['a', 'b/+', 'more wildcards'],
  ['a/+/#', 'b/#', 'one wildcard less'],
  ['+', '#', 'another wildcard'],
  ['a', 'b/#/c', 'no filter'],
  ['a', '', 'empty'],
  ['a', '$share/g/a', 'a share name of its own'],
] as const) {
  test(`${asked} is not rewritten to ${JSON.stringify(to)}: ${why}`, () => {
    assert.ok('refusal' in rewrite(parsed(asked), to))
  })
}

test('every topic that the routed filter matches has a name that the asked one matches, or none', () => {
  fc.assert(
    fc.property(topicFilters, topicFilters, topicNames, (asked, to, topic) => {
      const routed = rewrite(parsed(asked), to)
      fc.pre(!('refusal' in routed) && filterMatches(to, topic))
      const name = routed.renaming?.nameOf(topic)
      assert.ok(name === null || (typeof name === 'string' && filterMatches(asked, name)))
    }),
  )
})

test('under a prefix every name is the topic without it, and no two topics share one', () => {
  fc.assert(
    fc.property(topicFilters, topicNames, (asked, topic) => {
      fc.pre(filterMatches(asked, topic))
      assert.equal(nameOf(asked, `home/ann/${asked}`, `home/ann/${topic}`), topic)
    }),
  )
})
