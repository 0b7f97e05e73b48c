import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Newcomer, resolveTenant } from '../../../src/tenants/resolve-tenant.ts'
import type { TenantMatch } from '../../../src/config/broker-config.ts'
import { type Entrance, type Matching, unreachableTenants } from '../../../src/config/unreachable-tenants.ts'

const PLAIN = { tls: undefined, proxies: undefined }
const LISTENERS: readonly Entrance[] = [
  { name: 'mqtt', type: 'tcp', paths: [], ...PLAIN },
  { name: 'web', type: 'ws', paths: ['/mqtt', '/acme'], ...PLAIN },
]
const SECURE: readonly Entrance[] = [
  ...LISTENERS,
  { name: 'tls', type: 'tcp', paths: [], ...PLAIN, tls: { clientCertificate: 'request' } },
  { name: 'wss', type: 'ws', paths: ['/mqtt'], ...PLAIN, tls: { clientCertificate: 'require' } },
]

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
    const match = fc.record(
      {
        listener: fc.constantFrom(...SECURE.map(({ name }) => name)),
        usernamePrefix: fc.constantFrom('x', 'xy', 'y'),
        tlsServerName: fc.constantFrom('a.example', 'b.example'),
        clientCertificate: fc.constantFrom('*', 'O=Acme'),
        wsPath: fc.constantFrom('/mqtt', '/acme'),
        wsHost: fc.constantFrom('a.example', 'b.example'),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(match, { maxLength: 5 }), (matches) => {
        const tenants = matches.map((one, place) => ({ name: `t${place}`, match: one }))
        const refused = unreachableTenants(tenants, SECURE)
        const owners = new Set(NEWCOMERS.map((each) => ownerOf(each, tenants)))
        for (const { name } of tenants) assert.equal(refused.has(name), !owners.has(name), name)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a tenant whose connections no listener could tell apart', () => {
  for (const [match, reason] of [
    [{ tlsServerName: 'a.example' }, 'no listener has tls, which knows server names'],
    [{ listener: 'web', clientCertificate: '*' }, 'the listener "web" asks for no client certificates'],
    [{ listener: 'mqtt', wsPath: '/mqtt' }, 'the listener "mqtt" is not of the type ws'],
  ] as const) {
    it(reason, () => {
      const refused = unreachableTenants([{ name: 'a', match }], LISTENERS)
      assert.equal(refused.get('a'), `can never be reached: ${reason}`)
    })
  }
})

const NAMES = ['', 'a.example', 'b.example', 'c.example']
const USERNAMES = ['', 'x', 'xy', 'xz', 'xyz', 'y', 'yz', 'z']

/** The oracle: connections that differ in all by which these tenants are told apart. */
const NEWCOMERS: readonly Newcomer[] = SECURE.flatMap(({ name, type, paths, tls }) => {
  const upgrades =
    type === 'ws' ? paths.flatMap((path) => NAMES.slice(1).map((host) => ({ path, host }))) : [null]
  const asked = tls?.clientCertificate
  const subjects = [...(asked === 'require' ? [] : ['']), ...(tls === undefined ? [] : ['O=Acme', 'O=Other'])]
  const secured =
    tls === undefined
      ? [null]
      : NAMES.flatMap((serverName) => subjects.map((subject) => ({ subject, serverName })))
  return upgrades.flatMap((upgrade) =>
    secured.flatMap((one) => USERNAMES.map((username) => ({ listener: name, tls: one, upgrade, username }))),
  )
})

function ownerOf(newcomer: Newcomer, tenants: readonly Matching[]): string | undefined {
  return resolveTenant(
    tenants.map(({ name, match }) => ({ tenant: name, match })),
    newcomer,
  )?.tenant
}
