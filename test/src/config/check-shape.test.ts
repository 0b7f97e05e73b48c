import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkShape, fillTenant } from '../../../src/config/check-shape.ts'
import { ConfigProblems } from '../../../src/config/config-problems.ts'
import type { ConfigTree } from '../../../src/config/config-tree.ts'

const treeOf = (root: Record<string, unknown>): ConfigTree => ({ root, keys: new Map(), values: new Map() })

describe('the shape of a config', () => {
  it('is completed with defaults, and leaves what was written as it is', () => {
    const written = Object.freeze({ mqtt: Object.freeze({ maximumQos: 1 }) })
    const problems = new ConfigProblems()
    const { root, removed } = checkShape(treeOf(written), problems)
    const { maximumQos, receiveMaximum } = root['mqtt'] as Record<string, unknown>
    assert.deepEqual([maximumQos, receiveMaximum, removed.size, problems.any], [1, 100, 0, false])
  })

  it('is right after everything wrong was taken out, and says what that was', () => {
    const problems = new ConfigProblems()
    const listeners = { good: { type: 'tcp', bind: 'h:1' }, bad: { type: 'tcp' } }
    const plugins = ['./a', 7]
    const tree = treeOf({ listeners, plugins, mqtt: { maximumQos: 9 }, nonsense: {} })
    const { root, removed } = checkShape(tree, problems)
    assert.equal(problems.any, true)
    assert.deepEqual([...removed].toSorted(), ['/listeners/bad', '/mqtt/maximumQos', '/nonsense', '/plugins'])
    assert.deepEqual(Object.keys(root['listeners'] as object), ['good'])
    assert.equal((root['mqtt'] as Record<string, unknown>)['maximumQos'], 2)
  })

  it('bounds a size whether it is a number or a text', () => {
    for (const [maximumPacketSize, isRight] of [
      [20, true],
      ['256KiB', true],
      [19, false],
      ['19B', false],
      ['1GiB', false],
      ['much', false],
    ] as const) {
      const problems = new ConfigProblems()
      checkShape(treeOf({ mqtt: { maximumPacketSize } }), problems)
      assert.equal(problems.any, !isRight, String(maximumPacketSize))
    }
  })

  it('wants names of letters for what becomes labels and levels of topics', () => {
    const problems = new ConfigProblems()
    checkShape(treeOf({ tenants: { 'a/b': { match: { listener: 'mqtt' } } } }), problems)
    assert.throws(() => problems.throwIfAny(), {
      message: /^tenants: expected a name of letters, .* got the text "a\/b"$/,
    })
  })

  it('of a tenant at top level is that of a tenant', () => {
    assert.deepEqual(fillTenant({ anonymous: true }), {
      anonymous: true,
      topicDefault: 'allow',
      allow: {},
      allowFailOpen: false,
      quotas: {},
      settings: {},
      plugins: {},
      signing: { trustedKeys: [], required: false },
      databases: {},
      directories: {},
      sandbox: {},
    })
  })
})
