import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigProblems } from '../../../src/config/config-problems.ts'
import { copyPlain } from '../../../src/config/copy-plain.ts'

function refusal(source: Record<string, unknown>): RegExp | string {
  const problems = new ConfigProblems()
  copyPlain(source, problems)
  try {
    problems.throwIfAny()
  } catch (error) {
    return String(error)
  }
  return assert.fail('the object was accepted')
}

describe('a config given in code', () => {
  it('is copied deeply; a key whose value is undefined is absent', () => {
    const source = { a: { b: [1, 'two', null, true] }, c: undefined }
    const { root } = copyPlain(source, new ConfigProblems())
    assert.deepEqual(root, { a: { b: [1, 'two', null, true] } })
    assert.notEqual(root['a'], source.a)
  })

  it('is refused where no file could say it: a function, an object of a class, a cycle', () => {
    assert.match(String(refusal({ a: { b: () => 1 } })), /a\.b: expected plain data/)
    assert.match(String(refusal({ a: new Map() })), /a: expected plain data/)
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    assert.match(String(refusal(cycle)), /too deep or too large/)
  })
})
