import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bounded, describeThrown, faultJson } from '../../../sandbox/guest/describe-fault.ts'

function thrownAt(stack: string, message = 'no'): Error {
  return Object.assign(new Error(message), { stack })
}

test('a thrown error becomes its message and the first place in the plugin', () => {
  const error = thrownAt('Error: no\n    at hook (plugin:main:12:34)\n    at ask (host:boot:1:1)')
  assert.equal(describeThrown(error, 256), 'no (plugin:main:12:34)')
})

test('the place stays, however long the message is', () => {
  const described = describeThrown(thrownAt('at plugin:main:1:2', 'x'.repeat(1e5)), 256)
  assert.equal(described.length, 256)
  assert.match(described, /x \(plugin:main:1:2\)$/)
})

test('whatever is thrown is described within the bound, and describing never throws', () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('again')
      },
    },
  )
  for (const odd of [undefined, null, Symbol('s'), 1n, () => 1, hostile, {}, 'x'.repeat(1e5)]) {
    assert.ok(describeThrown(odd, 64).length <= 64 + 'a thrown undefined: '.length)
  }
})

test('text is bounded, and what has no text is named by its type', () => {
  assert.equal(bounded('abcdef', 3), 'abc')
  assert.equal(bounded(Object.create(null), 64), 'a object that has no text')
})

test('a fault is one JSON string with its word in front', () => {
  assert.equal(faultJson('threw', 'a "quoted"\nline', 6), '"threw:a \\"quo"')
})
