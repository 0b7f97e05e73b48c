import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WhoAmI } from '../../../../src/cli/commands/whoami.ts'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { bulkhead } from '../bulkhead.ts'

test('whoami says the role and the tenant of the token, for people and for programs', async () => {
  const managed = await ManagedBroker.start()
  const env = managed.env(await managed.tenant('acme'))
  assert.match(
    (await bulkhead(['whoami'], '', env)).stdout,
    /^tenant-admin of the tenant acme {2}\([0-9a-f]{16}\)\n$/,
  )
  const { role, tenant } = JSON.parse((await bulkhead(['whoami', '--json'], '', env)).stdout) as WhoAmI
  assert.deepEqual([role, tenant], ['tenant-admin', 'acme'])
})
