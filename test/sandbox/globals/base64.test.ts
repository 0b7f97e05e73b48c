import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { atob as ourAtob, btoa as ourBtoa } from '../../../sandbox/globals/base64.ts'

const latin1 = fc.uint8Array({ maxLength: 64 }).map((bytes) => String.fromCharCode(...bytes))
const almost = fc
  .array(fc.constantFrom('A', 'z', '0', '+', '/', '=', ' ', '\n', '\t', '\f', '\r', '-', '_', 'é'), {
    maxLength: 12,
  })
  .map((characters) => characters.join(''))

function outcome(run: () => string): string {
  try {
    return run()
  } catch (thrown) {
    return (thrown as Error).name
  }
}

test('atob reads what btoa wrote, and both do as Node’s do', () => {
  fc.assert(
    fc.property(latin1, (text) => {
      assert.equal(ourBtoa(text), btoa(text))
      assert.equal(ourAtob(ourBtoa(text)), text)
    }),
  )
})

test('what is almost base64 is read, or refused, as Node does', () => {
  fc.assert(
    fc.property(almost, (text) => {
      assert.equal(
        outcome(() => ourAtob(text)),
        outcome(() => atob(text)),
      )
    }),
    { numRuns: 2000 },
  )
})

test('a long text does not exhaust the stack', () => {
  const long = 'x'.repeat(300_000)
  assert.equal(ourAtob(ourBtoa(long)), long)
})

test('a character that is no byte is an InvalidCharacterError', () => {
  assert.throws(() => ourBtoa('€'), { name: 'InvalidCharacterError', code: 5 })
})
