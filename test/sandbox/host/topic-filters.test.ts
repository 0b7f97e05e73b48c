import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Mistake } from '../../../sandbox/host/fields.ts'
import {
  clientFilter,
  filtersMeet,
  publishFilter,
  publishTopic,
  subscribeFilter,
  topicFilter,
  topicName,
} from '../../../sandbox/host/topic-filters.ts'
import { topicMatches } from '../../../sandbox/wire/topic-grant.ts'
import * as router from '../../../src/router/topic-filter.ts'
import { topicFilters, topicNames } from '../../support/topics.ts'

const isRefused = (value: unknown): boolean => value instanceof Mistake

test('a grant reads filters as the router does', () => {
  fc.assert(
    fc.property(topicFilters, topicNames, (filter, topic) => {
      assert.equal(topicMatches(filter, topic), router.filterMatches(filter, topic))
    }),
    { numRuns: 3000 },
  )
})

test('filters meet where some topic matches both', () => {
  fc.assert(
    fc.property(topicFilters, topicFilters, topicNames, (one, other, topic) => {
      assert.equal(filtersMeet(one, other), filtersMeet(other, one))
      assert.ok(filtersMeet(one, one))
      if (router.filterMatches(one, topic) && router.filterMatches(other, topic)) {
        assert.ok(filtersMeet(one, other))
      }
    }),
    { numRuns: 3000 },
  )
  const apart: readonly (readonly [string, string])[] = [
    ['a/+', 'b/+'], ['a/#', 'b'], ['a', 'a/b'], ['a/b/#', 'a'], ['+', 'a/b'], ['#', '$a/b'], ['+/b', '$a/b'],
  ] // biome-ignore format: a table
  for (const [one, other] of apart) assert.equal(filtersMeet(one, other), false, `${one} and ${other}`)
})

test('a plugin publishes to topic names, and never where the broker speaks', () => {
  const good = ['a', 'a/b', '/', 'a//b', 'ä/温', '$x/y', 'a...b/c', '$SYSTEM/x']
  const bad = [
    '', '$SYS', '$SYS/x', '$share/g/a', 'a/#', 'a/+', '+', 'a\u0000', 'a\nb', '\ud800', 'a/../b', './a', '..',
    'x'.repeat(65_536), 'é'.repeat(40_000), '/'.repeat(200), 7, null, ['a'],
  ] // biome-ignore format: a table
  for (const topic of good) assert.equal(publishTopic(topic), topic)
  for (const topic of bad) assert.ok(isRefused(publishTopic(topic)), String(topic).slice(0, 20))
})

test('a granted filter is one, and not one of the broker', () => {
  for (const filter of ['#', 'a/#', '+/b', 'a/+/c', '$x/#']) assert.equal(publishFilter(filter), filter)
  for (const filter of ['', 'a#', 'a/#/b', 'a+', '$SYS/#', '$share/g/a', '$share', '\u007f', 7]) {
    assert.ok(isRefused(publishFilter(filter)), String(filter))
  }
})

test('a look-up takes any topic name or filter of the standard', () => {
  assert.equal(topicName('$SYS/x'), '$SYS/x')
  assert.ok(isRefused(topicName('a/+')))
  assert.equal(topicFilter('$SYS/#'), '$SYS/#')
  assert.ok(isRefused(topicFilter('')))
})

test('what can be subscribed to is what the router takes', () => {
  const written = fc.oneof(
    topicFilters,
    fc
      .tuple(fc.constantFrom('$share/g/', '$share/', '$share//', '$share/+/', ''), topicFilters)
      .map((parts) => parts.join('')),
    fc.string({ maxLength: 6, unit: fc.constantFrom('a', '/', '+', '#', '$', '\u0000') }),
  )
  fc.assert(
    fc.property(written, (filter) => {
      assert.equal(isRefused(subscribeFilter(filter)), 'refusal' in router.parseFilter(filter), filter)
    }),
    { numRuns: 3000 },
  )
})

test('a filter of a client’s grants may have placeholders, and no brace that belongs to none', () => {
  const good = ['#', 'a/+', '$SYS/#', '{clientId}/#', 'u-{username}/{tenant}.{attr.site}/+', '{attr.a b}']
  const bad = [
    '{clientid}', '{attr.}', '{attr.a/b}', '{', 'a}', '{{clientId}}', '{clientId}#', '+{clientId}', '',
    '$share/g/a', 'a/#/b', '{client\u0000Id}', 7,
  ] // biome-ignore format: a table
  for (const filter of good) assert.equal(clientFilter(filter), filter)
  for (const filter of bad) assert.ok(isRefused(clientFilter(filter)), String(filter))
})
