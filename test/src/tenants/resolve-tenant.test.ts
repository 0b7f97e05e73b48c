import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Newcomer,
  resolveTenant,
  type TenantMatch,
  type TenantRule,
} from '../../../src/tenants/resolve-tenant.ts'

const RULES: readonly TenantRule<string>[] = [
  { tenant: 'default', match: undefined },
  { tenant: 'both', match: { listener: 'tls', usernamePrefix: 'acme/' } },
  { tenant: 'prefix', match: { usernamePrefix: 'acme/' } },
  { tenant: 'listener', match: { listener: 'tls' } },
  { tenant: 'shadowed', match: { usernamePrefix: 'acme/ann' } },
]

function newcomer(
  listener: string,
  username: string | undefined,
  over: Pick<Partial<Newcomer>, 'tls' | 'upgrade'> = {},
): Newcomer {
  return { listener, username, tls: null, upgrade: null, ...over }
}

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
    assert.deepEqual(resolveTenant(RULES, newcomer(listener, username)), { tenant, username: left })
  })
}

test('the first rule in file order that matches wins, even if a later one says more', () => {
  const rules = [RULES[2], RULES[1]] as readonly TenantRule<string>[]
  assert.equal(resolveTenant(rules, newcomer('tls', 'acme/ann'))?.tenant, 'prefix')
})

test('the prefix is stripped once', () => {
  assert.equal(resolveTenant(RULES, newcomer('tcp', 'acme/acme/ann'))?.username, 'acme/ann')
})

test('who matches no rule, where no rule takes the rest, has no tenant', () => {
  const closed = RULES.filter(({ match }) => match !== undefined)
  assert.equal(resolveTenant(closed, newcomer('tcp', 'ann')), null)
  assert.equal(resolveTenant([], newcomer('tcp', undefined)), null)
})

const SECURED = { subject: String.raw`CN=Meter\, O=Other,O=Acme`, serverName: 'acme.example' }
const UPGRADE = { path: '/acme?token=t', host: 'Acme.example:8084' }

for (const [match, over, isMatch] of [
  [{ tlsServerName: 'Acme.example' }, { tls: SECURED }, true],
  [{ tlsServerName: 'example' }, { tls: SECURED }, false],
  [{ tlsServerName: 'acme.example' }, {}, false],
  [{ clientCertificate: 'O=Acme' }, { tls: SECURED }, true],
  [{ clientCertificate: 'O=Acm' }, { tls: SECURED }, false],
  [{ clientCertificate: ' O=Other' }, { tls: SECURED }, false],
  [{ clientCertificate: 'O=Other' }, { tls: SECURED }, false],
  [{ clientCertificate: String.raw`CN=Meter\, O=Other` }, { tls: SECURED }, true],
  [{ clientCertificate: '*' }, { tls: SECURED }, true],
  [{ clientCertificate: '*' }, { tls: { ...SECURED, subject: '' } }, false],
  [{ clientCertificate: '*' }, {}, false],
  [{ wsPath: '/acme' }, { upgrade: UPGRADE }, true],
  [{ wsPath: '/acm' }, { upgrade: UPGRADE }, false],
  [{ wsPath: '/acme' }, {}, false],
  [{ wsHost: 'acme.EXAMPLE' }, { upgrade: UPGRADE }, true],
  [{ wsHost: 'example' }, { upgrade: UPGRADE }, false],
  [{ wsHost: 'acme.example' }, {}, false],
  [{ wsHost: 'acme.example', tlsServerName: 'acme.example' }, { upgrade: UPGRADE }, false],
] as const satisfies readonly (readonly [
  TenantMatch,
  Pick<Partial<Newcomer>, 'tls' | 'upgrade'>,
  boolean,
])[]) {
  test(`${JSON.stringify(match)} is ${isMatch ? '' : 'not '}matched by ${JSON.stringify(over)}`, () => {
    const found = resolveTenant([{ tenant: 'acme', match }], newcomer('any', 'ann', over))
    assert.equal(found?.tenant, isMatch ? 'acme' : undefined)
  })
}
