import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CAPABILITIES, pluginGrants, tenantGrants } from '../../../src/config/grants.ts'

describe('what a tenant may grant', () => {
  it('is all that stays inside it, and nothing that reaches beyond', () => {
    const granted = Object.keys(tenantGrants({}))
    const beyond = ['password', 'fetch', 'query', 'ldap', 'brokerConfig']
    assert.deepEqual(
      granted,
      CAPABILITIES.filter((name) => !beyond.includes(name)),
    )
  })

  it('is also what allow names, and not what it withholds', () => {
    const grants = tenantGrants({ fetch: { hosts: ['a'] }, password: true, kv: false })
    assert.deepEqual([grants.fetch, grants.password, grants.kv], [{ hosts: ['a'] }, true, undefined])
  })
})

describe('what a plugin may be granted', () => {
  const tenant = tenantGrants({ fetch: { hosts: ['a', 'b'], perSecond: 10 }, password: false })
  const cases = [
    ['nothing said: the tenant’s', {}, { hosts: ['a', 'b'], perSecond: 10 }, []],
    ['true: the tenant’s', { fetch: true }, { hosts: ['a', 'b'], perSecond: 10 }, []],
    ['fewer hosts', { fetch: { hosts: ['b'] } }, { hosts: ['b'], perSecond: 10 }, []],
    ['withheld', { fetch: false }, undefined, []],
    ['another host', { fetch: { hosts: ['c'] } }, undefined, ['fetch']],
    ['a larger number', { fetch: { perSecond: 11 } }, undefined, ['fetch']],
    ['what the tenant may not', { password: true }, { hosts: ['a', 'b'], perSecond: 10 }, ['password']],
  ] as const
  for (const [what, written, expected, refused] of cases) {
    it(`is never more than the tenant's: ${what}`, () => {
      const refusals: string[] = []
      const grants = pluginGrants(tenant, written, (name) => refusals.push(name))
      assert.deepEqual(refusals, refused)
      if (!refusals.includes('fetch')) assert.deepEqual(grants.fetch, expected)
    })
  }

  it('may bound what the tenant leaves unbounded', () => {
    const grants = pluginGrants(tenant, { kv: { bytes: 10 } }, () => assert.fail())
    assert.deepEqual(grants.kv, { bytes: 10 })
  })
})
