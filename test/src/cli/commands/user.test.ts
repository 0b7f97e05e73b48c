import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { connectClient } from '../../../support/mqttjs.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

test('users and rules are set from the command line, and hold at once', async () => {
  const managed = await ManagedBroker.start()
  const env = managed.env(await managed.tenant('acme', { anonymous: false }))
  const user = (words: readonly string[], stdin = '') => bulkhead(['user', ...words], stdin, env)
  const folder = tempFolder({ acl: 'user ann\ntopic readwrite a/#\n', wrong: 'topic read a#\n' })
  assert.equal((await user(['set', 'ann'], 'secret\n')).code, 0)
  assert.match((await user(['list'])).stdout, /^ann +20/m)
  assert.equal((await user(['rules', path.join(folder, 'acl')])).stdout, 'user ann\ntopic readwrite a/#\n')
  const wrong = await user(['rules', path.join(folder, 'wrong')])
  assert.deepEqual([wrong.code, /line 1:/.test(wrong.stderr)], [1, true])
  const options = { protocolVersion: 5, username: 'acme:ann' } as const
  const ann = await connectClient(managed.url, { ...options, password: 'secret' })
  await ann.publishAsync('a/b', 'x', { qos: 1 })
  await assert.rejects(ann.publishAsync('b', 'x', { qos: 1 }))
  assert.equal((await user(['delete', 'ann'])).code, 0)
  await assert.rejects(connectClient(managed.url, { ...options, password: 'secret' }))
})
