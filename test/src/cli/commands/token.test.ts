import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { bulkhead } from '../bulkhead.ts'

const managed = await ManagedBroker.start()
const owner = await managed.tenant('acme')
const token = (secret: string, ...words: string[]) => bulkhead(['token', ...words], '', managed.env(secret))

test('a token is shown alone on its line, works, is listed without itself, and ends when it is revoked', async () => {
  const made = await token(owner, 'create', '--role', 'tenant-viewer', '--name', 'screen', '--days', '30')
  const [secret = ''] = made.stdout.split('\n')
  assert.equal((await managed.call(secret, 'GET /v1/tenants/acme')).status, 200)
  const listed = (await token(owner, 'list')).stdout
  const id = /^(\w+) +screen +tenant-viewer +20/m.exec(listed)?.[1] ?? ''
  assert.ok(secret.includes(id) && !listed.includes(secret))
  await token(owner, 'revoke', id)
  assert.equal((await managed.call(secret, 'GET /v1/tenants/acme')).status, 401)
})

test('nobody makes one of more than they may', async () => {
  const { code, stderr } = await token(owner, 'create', '--role', 'operator', '--name', 'x')
  assert.deepEqual([code, /needs the role operator/.test(stderr)], [1, true])
  assert.equal((await token(owner, 'create', '--role', 'king', '--name', 'x')).code, 2)
  assert.equal(
    (await token(owner, 'create', '--role', 'tenant-viewer', '--name', 'x', '--days', '-1')).code,
    2,
  )
})
