import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALIASED_TOPIC_CHARS, TOPIC_ALIASES_SENT } from '../../../src/base/limits.ts'
import { TopicAliases } from '../../../src/session/topic-aliases.ts'

/** The alias by which a message of this topic is sent. */
function sent(aliases: TopicAliases, topic: string): number {
  const known = aliases.of(topic)
  if (known > 0) return known
  const next = aliases.next(topic)
  if (next > 0) aliases.add(topic)
  return next
}

test('aliases count from 1, and each topic keeps its own [MQTT-3.3.2-8]', () => {
  const aliases = new TopicAliases(10)
  assert.deepEqual(
    ['a', 'b', 'a', 'c', 'b'].map((topic) => sent(aliases, topic)),
    [1, 2, 1, 3, 2],
  )
})

test('no alias is above the maximum of the client [MQTT-3.1.2-26] [MQTT-3.3.2-11], or the bound of the broker', () => {
  for (const maximum of [1, 3, TOPIC_ALIASES_SENT, 65_535]) {
    const aliases = new TopicAliases(maximum)
    const most = Math.min(maximum, TOPIC_ALIASES_SENT)
    const all = Array.from({ length: most + 2 }, (_, place) => sent(aliases, `t/${place}`))
    assert.deepEqual(all, [...Array.from({ length: most }, (_, place) => place + 1), 0, 0])
    assert.equal(sent(aliases, 't/0'), 1, 'whoever has one keeps it')
  }
})

test('topics that have aliases are bounded in their characters too', () => {
  const aliases = new TopicAliases(10)
  assert.equal(sent(aliases, 'x'.repeat(ALIASED_TOPIC_CHARS - 1)), 1)
  assert.equal(sent(aliases, 'yy'), 0)
  assert.equal(sent(aliases, 'z'), 2)
})
