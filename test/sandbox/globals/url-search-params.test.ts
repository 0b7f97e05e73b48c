import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ownedParams, URLSearchParams as Ours } from '../../../sandbox/globals/url-search-params.ts'
import { anyText } from '../../support/any-text.ts'

const name = fc.constantFrom('a', 'b', '', 'é', 'a b', '\ud800', '+&=%', '＿')
const operation = fc.oneof(
  fc.record({ method: fc.constantFrom('append', 'set'), args: fc.tuple(name, name) }),
  fc.record({
    method: fc.constantFrom('delete', 'has'),
    args: fc.oneof(fc.tuple(name), fc.tuple(name, name)),
  }),
  fc.record({ method: fc.constantFrom('get', 'getAll'), args: fc.tuple(name) }),
  fc.record({ method: fc.constantFrom('sort', 'toString'), args: fc.constant([]) }),
)

test('any text, then any operations, give what Node’s give', () => {
  const text = fc.oneof(
    anyText().map((each) => each.replaceAll('%', '')),
    fc.string({ unit: fc.constantFrom('?', '&', '=', '+', '%', '4', 'a', 'z') }),
  )
  fc.assert(
    fc.property(text, fc.array(operation), (start, operations) => {
      const [ours, theirs] = [new Ours(start), new URLSearchParams(start)]
      for (const { method, args } of operations) {
        const run = (params: object): unknown =>
          (params as Record<string, (...args: readonly string[]) => unknown>)[method]?.(...args)
        assert.deepEqual(run(ours), run(theirs))
        assert.equal(ours.size, theirs.size)
      }
      assert.deepEqual([...ours], [...theirs])
      assert.deepEqual([...ours.keys()], [...theirs.keys()])
      assert.deepEqual([...ours.values()], [...theirs.values()])
      assert.equal(ours.toString(), theirs.toString())
    }),
    { numRuns: 1000 },
  )
})

test('pairs, records and other parameters are taken, as Node takes them', () => {
  const record = { a: '1', b: 2, __proto__: null } as unknown as Record<string, string>
  assert.equal(new Ours(record).toString(), new URLSearchParams(record).toString())
  assert.equal(new Ours(new Map([['a', 'b']])).toString(), 'a=b')
  assert.equal(new Ours(new Ours('x=y')).toString(), 'x=y')
  assert.equal(new Ours(null).toString(), 'null=')
  for (const wrong of [[['a']], [1], ['ab']])
    assert.throws(() => new Ours(wrong as unknown as [[]]), TypeError)
})

test('forEach gives value, name and the parameters, with the receiver asked for', () => {
  const seen: unknown[] = []
  const params = new Ours('a=1')
  params.forEach(function (this: unknown, ...args) {
    seen.push(this, ...args)
  }, 'receiver')
  assert.deepEqual(seen.slice(1), ['1', 'a', params])
  assert.equal(String(seen[0]), 'receiver')
  assert.throws(() => params.forEach(1 as never), TypeError)
})

test('owned parameters tell of each change, and read the query again when told to', () => {
  const told: string[] = []
  const owner = { query: 'a=1', changed: (query: string) => void told.push(query) }
  const { params, refresh } = ownedParams(owner)
  params.set('a', '2')
  params.sort()
  assert.deepEqual(told, ['a=2', 'a=2'])
  owner.query = 'b=3'
  refresh()
  assert.equal(params.get('b'), '3')
})
