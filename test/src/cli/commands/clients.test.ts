import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { connectClient, disconnectReason } from '../../../support/mqttjs.ts'
import { bulkhead } from '../bulkhead.ts'

test('clients are listed by identifier, shown so that they forge no line, and kicked', async () => {
  const managed = await ManagedBroker.start()
  const env = managed.env(await managed.tenant('acme'))
  const client = await connectClient(managed.url, {
    protocolVersion: 5,
    username: 'acme:a',
    clientId: 'a/\u202Eb',
  })
  const reason = disconnectReason(client)
  const { stdout } = await bulkhead(['clients', 'list'], '', env)
  assert.match(stdout, /^a\/\\u202eb +yes +anonymous +5\.0 +0 +0$/m)
  assert.equal((await bulkhead(['clients', 'kick', 'a/\u202Eb'], '', env)).code, 0)
  assert.equal(await reason, 0x98)
  const again = await bulkhead(['clients', 'kick', 'a/\u202Eb'], '', env)
  assert.deepEqual([again.code, /404: there is no client/.test(again.stderr)], [1, true])
})
