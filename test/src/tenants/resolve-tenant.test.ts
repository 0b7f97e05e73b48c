import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveTenant, type TenantRule } from '../../../src/tenants/resolve-tenant.ts'

const RULES: readonly TenantRule<string>[] = [
  { tenant: 'default', match: undefined },
  { tenant: 'both', match: { listener: 'tls', usernamePrefix: 'acme/' } },
  { tenant: 'prefix', match: { usernamePrefix: 'acme/' } },
  { tenant: 'listener', match: { listener: 'tls' } },
  { tenant: 'shadowed', match: { usernamePrefix: 'acme/ann' } },
]

for (const [listener, username, tenant, left] of [
  ['tls', 'acme/ann', 'both', 'ann'],
  ['tcp', 'acme/ann', 'prefix', 'ann'],
  ['tls', 'ann', 'listener', 'ann'],
  ['tls', undefined, 'listener', undefined],
  ['tcp', 'ann', 'default', 'ann'],
  ['tcp', undefined, 'default', undefined],
  ['tcp', 'acme/', 'prefix', ''],
  ['tcp', 'ACME/ann', 'default', 'ACME/ann'],
  ['tcp', 'xacme/ann', 'default', 'xacme/ann'],
] as const) {
  test(`listener ${listener}, user name ${username}: tenant ${tenant}, where the name is ${left}`, () => {
    assert.deepEqual(resolveTenant(RULES, listener, username), { tenant, username: left })
  })
}

test('the first rule in file order that matches wins, even if a later one says more', () => {
  const rules = [RULES[2], RULES[1]] as readonly TenantRule<string>[]
  assert.equal(resolveTenant(rules, 'tls', 'acme/ann')?.tenant, 'prefix')
})

test('the prefix is stripped once', () => {
  assert.equal(resolveTenant(RULES, 'tcp', 'acme/acme/ann')?.username, 'acme/ann')
})

test('who matches no rule, where no rule takes the rest, has no tenant', () => {
  const closed = RULES.filter(({ match }) => match !== undefined)
  assert.equal(resolveTenant(closed, 'tcp', 'ann'), null)
  assert.equal(resolveTenant([], 'tcp', undefined), null)
})
