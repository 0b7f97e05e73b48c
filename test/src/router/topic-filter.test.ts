import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { filterCovers, filterMatches, parseFilter } from '../../../src/router/topic-filter.ts'
import { parsed, topicFilters, topicNames } from '../../support/topics.ts'

test('a plain filter is taken apart into its levels, empty ones included', () => {
  assert.deepEqual(parseFilter('/a//b'), {
    filter: '/a//b',
    shareName: '',
    levels: ['', 'a', '', 'b'],
    wildcard: false,
    renaming: null,
  })
})

test('a shared subscription is taken apart into share name and filter [MQTT-4.8.2-1]', () => {
  assert.deepEqual(parseFilter('$share/g/a/+/#'), {
    filter: 'a/+/#',
    shareName: 'g',
    levels: ['a', '+', '#'],
    wildcard: true,
    renaming: null,
  })
  assert.equal(parsed('$share/g//a').filter, '/a')
})

test('$share only begins a shared subscription as a whole level', () => {
  assert.equal(parsed('$shared/g/a').shareName, '')
  assert.equal(parsed('a/$share/g').shareName, '')
})

const refused: readonly (readonly [string, string])[] = [
  ['', 'empty [MQTT-4.7.3-1]'],
  ['a#', '# beside other characters [MQTT-4.7.1-1]'],
  ['#/a', '# before the last level [MQTT-4.7.1-1]'],
  ['##', 'two # in a level'],
  ['+a', '+ beside other characters [MQTT-4.7.1-2]'],
  ['a/b+/c', '+ beside other characters, further down'],
  ['a\u0000b', 'U+0000 [MQTT-4.7.3-2]'],
  ['a\u001fb', 'a control character'],
  ['a\u009fb', 'a control character of the second block'],
  ['$share', '$share alone'],
  ['$share/', '$share without a name'],
  ['$share/g', '$share without a filter'],
  ['$share/g/', '$share with an empty filter'],
  ['$share//a', 'an empty share name'],
  ['$share/+/a', 'a share name with + [MQTT-4.8.2-2]'],
  ['$share/g#/a', 'a share name with # [MQTT-4.8.2-2]'],
  [`${'a/'.repeat(200)}a`, '201 levels'],
  ['/'.repeat(65_535), 'many empty levels'],
  ['é'.repeat(32_768), '65536 bytes [MQTT-4.7.3-3]'],
]
for (const [text, why] of refused) {
  test(`a filter is refused: ${why}`, () => {
    assert.ok('refusal' in parseFilter(text))
  })
}

test('200 levels and 65535 bytes are allowed', () => {
  assert.equal(parsed(`${'a/'.repeat(199)}a`).levels.length, 200)
  // the empty one at the end does not count
  assert.equal(parsed('a/'.repeat(200)).levels.length, 201)
  assert.equal(parsed('a'.repeat(65_535)).levels.length, 1)
})

const examples: readonly (readonly [string, string, boolean])[] = [
  ['sport/#', 'sport', true],
  ['sport/#', 'sport/tennis/player1', true],
  ['sport/#', 'sports', false],
  ['sport/tennis/+', 'sport/tennis/player1', true],
  ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
  ['sport/+', 'sport', false],
  ['sport/+', 'sport/', true],
  ['+/+', '/finance', true],
  ['/+', '/finance', true],
  ['+', '/finance', false],
  ['#', '$SYS/monitor', false],
  ['+/monitor', '$SYS/monitor', false],
  ['$SYS/#', '$SYS', true],
  ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
  ['a/+', 'a/$b', true],
  ['ACCOUNTS', 'Accounts', false],
]
for (const [filter, topic, matches] of examples) {
  test(`as the standard's examples say, ${filter} ${matches ? 'matches' : 'does not match'} ${topic}`, () => {
    assert.equal(filterMatches(filter, topic), matches)
  })
}

test('a filter covers another exactly when it matches every kind of topic that the other matches', () => {
  fc.assert(
    fc.property(topicFilters, topicFilters, (outer, inner) => {
      const all = witnesses(inner).every((topic) => filterMatches(outer, topic))
      assert.equal(filterCovers(outer, inner), all)
    }),
    { numRuns: 2000 },
  )
})

test('what the inner filter matches, a covering one matches', () => {
  fc.assert(
    fc.property(topicFilters, topicFilters, topicNames, (outer, inner, topic) => {
      fc.pre(filterCovers(outer, inner) && filterMatches(inner, topic))
      assert.ok(filterMatches(outer, topic))
    }),
  )
})

/**
 * Topics that stand for all that a filter matches: a word that occurs nowhere else in place of each wildcard.
 */
function witnesses(filter: string): string[] {
  const levels = filter.split('/').map((level) => (level === '+' ? 'other' : level))
  if (levels.at(-1) !== '#') return [levels.join('/')]
  const stem = levels.slice(0, -1)
  const longer = [
    [...stem, 'other'],
    [...stem, 'other', 'other'],
  ]
  return (stem.length === 0 ? longer : [stem, ...longer]).map((topic) => topic.join('/'))
}
