import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { bulkhead } from '../bulkhead.ts'

test('the audit says when who changed what; a tenant’s is its own', async () => {
  const managed = await ManagedBroker.start()
  const acme = await managed.tenant('acme')
  await managed.tenant('zoo')
  const audit = async (token: string, ...words: string[]) =>
    (await bulkhead(['audit', ...words], '', managed.env(token))).stdout.trim().split('\n')
  const all = await audit(managed.operator)
  assert.ok(
    all.some((line) =>
      /^20\S+ {2}broker {2}admin\.changed {2}POST \/v1\/tenants {2}operator \w+ from/.test(line),
    ),
  )
  const own = await audit(acme)
  assert.ok(own.every((line) => / {2}acme {2}/.test(line)) && own.length > 0)
  assert.equal((await audit(managed.operator, '--limit', '1')).length, 1)
})
