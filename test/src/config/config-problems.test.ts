import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigProblems } from '../../../src/config/config-problems.ts'
import type { ConfigTree } from '../../../src/config/config-tree.ts'

const at = (line: number): { origin: string; order: number } => ({ origin: `f:${line}:1`, order: line })
const tree: ConfigTree = {
  root: {},
  keys: new Map([['/a', at(1)]]),
  values: new Map([
    ['/a', at(2)],
    ['/a/b', at(3)],
  ]),
}

describe('problems of a config', () => {
  it('are none, and then nothing is thrown', () => {
    const problems = new ConfigProblems()
    assert.equal(problems.any, false)
    problems.throwIfAny()
  })

  it('are told in the order of the file, whatever the order in which they were found', () => {
    const problems = new ConfigProblems()
    problems.atValue(tree, '/a/b', 'third')
    problems.at(at(9), 'last')
    problems.atKey(tree, '/a', 'first')
    problems.atKey(tree, '/a/missing', 'also first: a key that is missing is missing in its map')
    assert.throws(() => problems.throwIfAny(), {
      code: 'ERR_CONFIG_INVALID',
      message: [
        'f:1:1 first',
        'f:1:1 a: also first: a key that is missing is missing in its map',
        'f:3:1 a.b: third',
        'f:9:1 last',
      ].join('\n'),
    })
  })

  it('of one kind have its code, of several the general one', () => {
    const problems = new ConfigProblems()
    problems.atKey(tree, '/a', 'gone', 'ERR_PLUGIN_NOT_FOUND')
    assert.throws(() => problems.throwIfAny(), { code: 'ERR_PLUGIN_NOT_FOUND' })
    problems.atKey(tree, '/a', 'wrong')
    assert.throws(() => problems.throwIfAny(), { code: 'ERR_CONFIG_INVALID' })
  })

  it('are listed up to a hundred, and the rest is counted', () => {
    const problems = new ConfigProblems()
    for (let count = 0; count < 103; count++) problems.atValue(tree, '', `mistake ${count}`)
    assert.throws(() => problems.throwIfAny(), /mistake 99\n… and 3 more$/)
  })
})
