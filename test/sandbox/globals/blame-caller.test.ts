import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blameCaller } from '../../../sandbox/globals/blame-caller.ts'

function deep(): never {
  throw new TypeError('no')
}

function global(): void {
  try {
    deep()
  } catch (thrown) {
    throw blameCaller(thrown, global)
  }
}

function user(): void {
  global()
}

test('an error’s stack begins where the global was called', () => {
  assert.throws(user, (error: Error) => {
    assert.match(error.stack ?? '', /^TypeError: no\n +at user /)
    return error.message === 'no'
  })
})

test('what is no error stays what it is', () => {
  assert.equal(blameCaller('text', user), 'text')
})
