import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallBudget } from '../../../../sandbox/host/capabilities/call-budget.ts'
import { ldapPower } from '../../../../sandbox/host/capabilities/ldap.ts'
import { call, holder } from '../../../support/holder.ts'

const ENTRY = { dn: 'uid=alice', attributes: { mail: ['a@b'] } }

function opened() {
  const asked: unknown[][] = []
  const port = {
    search: async (...args: readonly unknown[]) => {
      asked.push(['search', ...args.slice(0, 2)])
      return [ENTRY]
    },
    bind: async (tenant: string, name: string, _parameters: object, password: Uint8Array) => {
      asked.push(['bind', tenant, name, Buffer.from(password).toString()])
      return true
    },
  }
  const budget = new CallBudget('questions to sources', 4, 100)
  return { power: ldapPower(holder({ grant: { names: ['staff'] } }), port, budget), asked }
}

const STAFF = { name: 'staff', parameters: { user: 'alice' } }

test('a search gives entries, a bind whether the password is right', async () => {
  const { power, asked } = opened()
  assert.deepEqual(await call(power, { op: 'search', ...STAFF }), [ENTRY])
  assert.deepEqual(await call(power, { op: 'bind', ...STAFF, password: 'pass' }), { matches: true })
  assert.deepEqual(await call(power, { op: 'bind', ...STAFF, password64: 'cGFzcw==' }), { matches: true })
  assert.deepEqual(asked, [
    ['search', 'acme', 'staff'],
    ['bind', 'acme', 'staff', 'pass'],
    ['bind', 'acme', 'staff', 'pass'],
  ])
})

test('[RFC 4513, 5.1.2] an empty password never leaves, for its bind would succeed and prove nothing', async () => {
  const { power, asked } = opened()
  for (const password of [{}, { password: '' }, { password64: '' }]) {
    assert.deepEqual(await call(power, { op: 'bind', ...STAFF, ...password }), { matches: false })
  }
  assert.deepEqual(asked, [])
})

test('what is not granted, too long or unknown is refused before anything is asked', async () => {
  const { power, asked } = opened()
  await assert.rejects(call(power, { op: 'search', ...STAFF, name: 'other' }), { code: 'notAllowed' })
  await assert.rejects(call(power, { op: 'bind', ...STAFF, password: 'x'.repeat(1025) }), { code: 'invalid' })
  await assert.rejects(call(power, { op: 'modify', ...STAFF }), { code: 'invalid' })
  await assert.rejects(call(power, { op: 'search', ...STAFF, filter: '(uid=*)' }), { code: 'invalid' })
  assert.deepEqual(asked, [])
})
