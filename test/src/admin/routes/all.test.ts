import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { AdminRoute } from '../../../../src/admin/route.ts'
import { ROUTES } from '../../../../src/admin/routes/all.ts'
import { covers, ROLES } from '../../../../src/hosting/roles.ts'
import { stagedApi, type TokenName } from '../../../support/admin-api.ts'

const api = await stagedApi()
const DIGEST = 'a'.repeat(64)

/** Bodies that each route takes; one that has a body and is not here fails below. */
const BODIES: Readonly<Record<string, unknown>> = {
  'POST /v1/tokens': { name: 'ci', role: 'operator' },
  'POST /v1/tenants/:tenant/tokens': { name: 'ci', role: 'tenant-viewer' },
  'POST /v1/tenants': { name: 'new' },
  'PUT /v1/tenants/:tenant': {},
  'PUT /v1/tenants/:tenant/users/:user': { password: 'x' },
  'PUT /v1/tenants/:tenant/rules': { rules: [] },
  'PUT /v1/tenants/:tenant/quotas': { connections: 1 },
  'POST /v1/tenants/:tenant/plugins/:plugin/versions': { bundle: '{}' },
  'POST /v1/tenants/:tenant/plugins/:plugin/deploy': { digest: DIGEST },
}

const nameOf = ({ method, url }: AdminRoute): string => `${method} ${url}`
const isTenants = ({ url }: AdminRoute): boolean => url.startsWith('/v1/tenants/:tenant')

function lineOf(route: AdminRoute): string {
  const query = route.url.endsWith('/explain') ? '?client=a&action=publish&topic=t' : ''
  const line = nameOf(route).replace(':tenant', 'acme').replace(':digest', DIGEST).replaceAll(/:\w+/g, 'x')
  return line + query
}

const call = async (token: TokenName, route: AdminRoute): Promise<number> =>
  (await api.call(token, lineOf(route), BODIES[nameOf(route)])).status

describe('every route, with every role’s token', () => {
  for (const route of ROUTES.filter(({ may }) => may !== 'anyone')) {
    it(`${nameOf(route)} is for ${route.may} and above`, async () => {
      assert.ok(route.body === undefined || nameOf(route) in BODIES, 'a body for it is missing in this test')
      assert.equal(await call('none', route), 401)
      for (const role of ROLES) {
        const may = covers(role, route.may as (typeof ROLES)[number])
        const status = await call(role, route)
        if (may) assert.ok(status < 300, `${role}: ${status}`)
        else assert.equal(status, 403, role)
      }
      // whoever is of another tenant does not learn that there is this one
      if (isTenants(route)) assert.equal(await call('zoo-viewer', route), 404)
    })
  }
})

test('what nobody needs a token for tells nothing but whether the broker lives and serves', () => {
  const open = ROUTES.filter(({ may }) => may === 'anyone').map(nameOf)
  assert.deepEqual(open, ['GET /livez', 'GET /readyz'])
})

test('what is not below a tenant is the operator’s, but for who asks', () => {
  const others = ROUTES.filter(
    (route) => !isTenants(route) && route.may !== 'anyone' && route.may !== 'operator',
  )
  assert.deepEqual(others.map(nameOf), ['GET /v1/whoami'])
})

test('whatever changes something is in the audit, whether it was done or refused in the doing', async () => {
  const { changes, call: ask } = await stagedApi({ 'clients.disconnect': false })
  await ask('operator', 'POST /v1/tenants', { name: 'new' })
  await ask('tenant-admin', 'DELETE /v1/tenants/acme/clients/ann')
  await ask('tenant-viewer', 'GET /v1/tenants/acme/clients')
  assert.deepEqual(
    changes.map(({ who, what, status }) => [who, what, status]),
    [
      ['operator operator', 'POST /v1/tenants', 201],
      ['tenant-admin tenant-admin', 'DELETE /v1/tenants/acme/clients/ann', 404],
    ],
  )
  assert.match(changes[0]?.after ?? '', /^[0-9a-f]{64}$/)
})
