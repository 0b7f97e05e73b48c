import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { BulkheadError } from '../../../src/base/errors.ts'
import { ConfigProblems } from '../../../src/config/config-problems.ts'
import type { ConfigTree } from '../../../src/config/config-tree.ts'
import { parseYaml } from '../../../src/config/parse-yaml.ts'

function read(text: string): ConfigTree {
  const problems = new ConfigProblems()
  const tree = parseYaml(text, 'broker.yaml', problems)
  problems.throwIfAny()
  return tree
}

function refusal(text: string): BulkheadError {
  try {
    read(text)
  } catch (error) {
    assert.ok(error instanceof BulkheadError)
    return error
  }
  assert.fail('the text was accepted')
}

describe('parsing YAML', () => {
  it('remembers where each key and each value stands', () => {
    const { keys, values } = read('mqtt:\n  receiveMaximum: 7\ntenants: { "a/b": [1, two] }\n')
    assert.equal(keys.get('/mqtt/receiveMaximum')?.origin, 'broker.yaml:2:3')
    assert.equal(values.get('/mqtt/receiveMaximum')?.origin, 'broker.yaml:2:19')
    assert.equal(values.get('/tenants/a~1b/1')?.origin, 'broker.yaml:3:23')
  })

  it('reads past lines of dots that end no document, and keeps its places', () => {
    const { root, keys } = read('...\n...\nplugins: {}\n')
    assert.deepEqual(root, { plugins: {} })
    assert.equal(keys.get('/plugins')?.origin, 'broker.yaml:3:1')
  })

  it('reads what was written, whatever plain data it is', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
    const key = fc.string({ minLength: 1 }).filter((word) => word !== '__proto__')
    const map = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> =>
      fc.dictionary(key, value, { noNullPrototype: true })
    const tree = map(fc.oneof(scalar, fc.array(scalar), map(scalar)))
    fc.assert(fc.property(tree, (data) => assert.deepEqual(read(stringify(data)).root, data)))
  })

  it('takes a key as it is written: the user 007 is not the user 7', () => {
    assert.deepEqual(Object.keys(read('007: a\n1.10: b\ntrue: c\n').root), ['007', '1.10', 'true'])
  })

  it('reads an empty file as an empty map', () => {
    assert.deepEqual(read('# nothing\n').root, {})
  })

  it('follows aliases', () => {
    assert.deepEqual(read('a: &limits { n: 1 }\nb: *limits\n').root, { a: { n: 1 }, b: { n: 1 } })
  })

  it('bounds what aliases of aliases unfold to', () => {
    const lines = ['l0: &l0 ha']
    for (let n = 1; n < 10; n++) lines.push(`l${n}: &l${n} [${`*l${n - 1},`.repeat(10)}]`)
    const text = lines.join('\n')
    assert.match(refusal(text).message, /the config is too deep or too large$/)
    assert.match(refusal('a: &a [*a]').message, /too deep/)
  })

  it('wants a map at top level', () => {
    assert.equal(refusal('- mqtt\n').message, 'broker.yaml:1:1 expected a map of keys such as "listeners:"')
  })
})

describe('text that is no YAML', () => {
  const CASES: Readonly<Record<string, readonly [string, string]>> = {
    'a doubled key': ['mqtt: {}\nmqtt: {}\n', '2:1 Map keys must be unique'],
    'a tab': ['mqtt:\n\treceiveMaximum: 1\n', '2:1 Tabs are not allowed as indentation'],
    'an unknown tag': ['data: !secret x\n', '1:7 Unresolved tag: !secret'],
    'an anchor that is not there': ['data: *x\n', '1:7 there is no anchor "x"'],
    'a map as a key': ['{ a: b }: c\n', '1:1 a key must be a plain word, number or quoted text'],
    'a key that would set a prototype': [
      'settings: { __proto__: {} }',
      '1:13 the key "__proto__" is not allowed',
    ],
  }
  for (const [what, [text, line]] of Object.entries(CASES)) {
    it(`is refused with its line and column: ${what}`, () => {
      const { code, message } = refusal(text)
      assert.equal(code, 'ERR_CONFIG_SYNTAX')
      assert.equal(message, `broker.yaml:${line}`)
    })
  }
})
