import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { TenantMatch } from '../../../src/config/broker-config.ts'
import { type Matching, unreachableTenants } from '../../../src/config/unreachable-tenants.ts'

const LISTENERS = ['mqtt', 'web']

/** The names of unreachable tenants; the given matches are those of a, b, c … in file order. */
function unreachable(...matches: readonly (TenantMatch | undefined)[]): string[] {
  const tenants = matches.map((match, place) => ({ name: 'abcdef'.charAt(place), match }))
  return [...unreachableTenants(tenants, LISTENERS).keys()]
}

describe('a tenant can never be reached', () => {
  it('without a match', () => {
    assert.deepEqual(unreachable({ listener: 'mqtt' }, undefined), ['b'])
  })

  it('behind one with the same match, or a wider one', () => {
    assert.deepEqual(unreachable({ listener: 'mqtt' }, { listener: 'mqtt' }), ['b'])
    assert.deepEqual(unreachable({ listener: 'mqtt' }, { listener: 'mqtt', usernamePrefix: 'x' }), ['b'])
    assert.deepEqual(unreachable({ usernamePrefix: 'x' }, { usernamePrefix: 'xy' }), ['b'])
  })

  it('behind several that together take all listeners', () => {
    assert.deepEqual(unreachable({ listener: 'mqtt' }, { listener: 'web' }, { usernamePrefix: 'x' }), ['c'])
  })

  it('when it is default, and others take everything', () => {
    const tenants = [
      { name: 'default', match: undefined },
      { name: 'a', match: { listener: 'mqtt' } },
      { name: 'b', match: { listener: 'web' } },
    ]
    assert.deepEqual([...unreachableTenants(tenants, LISTENERS).keys()], ['default'])
  })
})

describe('a tenant can be reached', () => {
  it('before a wider one, and beside one that overlaps in part', () => {
    assert.deepEqual(unreachable({ usernamePrefix: 'xy' }, { usernamePrefix: 'x' }), [])
    assert.deepEqual(unreachable({ listener: 'mqtt', usernamePrefix: 'x' }, { listener: 'mqtt' }), [])
  })

  it('when it is default, wherever it stands in the file', () => {
    const tenants = [
      { name: 'default', match: undefined },
      { name: 'a', match: { listener: 'mqtt' } },
    ]
    assert.deepEqual([...unreachableTenants(tenants, LISTENERS)], [])
  })

  it('exactly when some connection is its own: first match in file order', () => {
    const prefix = fc.constantFrom('x', 'xy', 'y')
    const match = fc.record(
      { listener: fc.constantFrom(...LISTENERS), usernamePrefix: prefix },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(match, { maxLength: 6 }), (matches) => {
        const tenants = matches.map((one, place) => ({ name: `t${place}`, match: one }))
        const refused = unreachableTenants(tenants, LISTENERS)
        for (const tenant of tenants) assert.equal(refused.has(tenant.name), !isOwnerOfSome(tenant, tenants))
      }),
    )
  })
})

/** The oracle: tries user names that tell all prefixes apart on all listeners. */
function isOwnerOfSome(tenant: Matching, tenants: readonly Matching[]): boolean {
  const usernames = ['', 'x', 'xy', 'xz', 'xyz', 'y', 'yz', 'z']
  return LISTENERS.some((listener) =>
    usernames.some((username) => {
      const owner = tenants.find(
        ({ match }) =>
          (match?.listener ?? listener) === listener && username.startsWith(match?.usernamePrefix ?? ''),
      )
      return owner === tenant
    }),
  )
}
