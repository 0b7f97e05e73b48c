import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fillFilter, type GrantValues } from '../../../src/router/fill-filter.ts'
import { anyText } from '../../support/any-text.ts'

const VALUES: GrantValues = {
  clientId: 'dev-1',
  username: 'ann',
  tenant: 'acme',
  attributes: { site: 'berlin', nested: '{clientId}', empty: '' },
}

test('each placeholder becomes its value, alone in a level or within one', () => {
  assert.deepEqual(fillFilter('{tenant}/u-{username}/{clientId}.{attr.site}/+/#', VALUES), {
    levels: ['acme', 'u-ann', 'dev-1.berlin', '+', '#'],
    unfilled: [],
  })
})

test('what is filled in is not filled in again', () => {
  assert.deepEqual(fillFilter('{attr.nested}', VALUES), { levels: ['{clientId}'], unfilled: [] })
})

test('what is missing, empty, inherited, or no literal level, is left unfilled', () => {
  for (const value of ['', 'a/b', '+', '#', 'a+', 'a#', '$SYS', '\u0001', 'a\u007f', '\u0085']) {
    assert.deepEqual(fillFilter('a/{clientId}', { ...VALUES, clientId: value }), {
      levels: ['a', '+'],
      unfilled: [1],
    })
  }
  for (const name of ['missing', 'empty', 'constructor', '__proto__']) {
    assert.deepEqual(fillFilter(`{attr.${name}}/x`, VALUES).unfilled, [0])
  }
  assert.deepEqual(fillFilter('{username}', { ...VALUES, username: undefined }).unfilled, [0])
})

test('whatever the value, the filter has its own levels, and wildcards where it had them', () => {
  fc.assert(
    fc.property(anyText(), (clientId) => {
      const { levels, unfilled } = fillFilter('a/x{clientId}y/+/b', { ...VALUES, clientId })
      assert.equal(levels.length, 4)
      assert.deepEqual([levels[0], levels[2], levels[3]], ['a', '+', 'b'])
      if (unfilled.length === 0) assert.doesNotMatch(levels[1] ?? '', /[/+#]/)
      else assert.equal(levels[1], '+')
    }),
  )
})
