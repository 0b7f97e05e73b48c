import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AdminPorts } from '../../../src/admin/admin-ports.ts'
import { Doorman } from '../../../src/admin/doorman.ts'
import { Problem } from '../../../src/admin/problem.ts'
import { ROLES } from '../../../src/hosting/roles.ts'

const doorman = new Doorman({} as AdminPorts, () => Promise.resolve({}))
const status = (check: () => void): number => {
  try {
    check()
    return 200
  } catch (error) {
    assert.ok(error instanceof Problem)
    return error.status
  }
}

test('whatever role somebody has of a tenant, of another one there is nothing', () => {
  for (const role of ROLES.slice(0, -1))
    for (const may of ROLES)
      assert.equal(
        status(() => doorman.check({ role, tenant: 'acme', name: 'x' }, may, 'zoo')),
        404,
      )
})

test('the operator may in every tenant what any of its roles may', () => {
  for (const may of ROLES)
    assert.equal(
      status(() => doorman.check({ role: 'operator', tenant: null, name: 'x' }, may, 'zoo')),
      200,
    )
})

const asOwner = (): void =>
  doorman.check({ role: 'tenant-admin', tenant: 'acme', name: 'x' }, 'operator', undefined)

test('what is of no tenant is refused to a tenant’s role with 403, which says which one is needed', () => {
  assert.equal(status(asOwner), 403)
  assert.throws(asOwner, /needs the role operator; yours is tenant-admin/)
})
