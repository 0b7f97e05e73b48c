import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { topicMatches } from '../../../sandbox/wire/topic-grant.ts'
import { filterMatches } from '../../../src/router/topic-filter.ts'
import { topicFilters, topicNames } from '../../support/topics.ts'

test('filters match as the examples of the specification say', () => {
  const cases: readonly (readonly [filter: string, topic: string, matches: boolean])[] = [
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['#', 'a/b', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/+', '/finance', true],
    ['+', '/finance', false],
    ['#', '$SYS/a', false],
    ['+/monitor', '$SYS/monitor', false],
    ['$SYS/#', '$SYS/a', true],
    ['a', 'A', false],
  ]
  for (const [filter, topic, matches] of cases) {
    assert.equal(topicMatches(filter, topic), matches, `${filter} ${topic}`)
  }
})

function naive(granted: string, name: string): boolean {
  if (name.startsWith('$') && /^[+#]/.test(granted)) return false
  const pattern = granted
    .replaceAll('$', '\\$')
    .replaceAll('+', '[^/]*')
    .replace(/(^|\/)#$/, (end) => (end === '#' ? '.*' : '(/.*)?'))
  return new RegExp(`^${pattern}$`).test(name)
}

test('a grant matches what a naive reading of the rules matches, and what the router would', () => {
  fc.assert(
    fc.property(topicFilters, topicNames, (granted, name) => {
      assert.equal(topicMatches(granted, name), naive(granted, name), `${granted} ${name}`)
      assert.equal(topicMatches(granted, name), filterMatches(granted, name), `${granted} ${name}`)
    }),
    { numRuns: 1000 },
  )
})
