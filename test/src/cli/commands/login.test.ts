import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const managed = await ManagedBroker.start()
const env = { XDG_CONFIG_HOME: tempFolder({}) }
const api = managed.broker.adminUrl ?? ''

test('a token that is right is kept for later commands, and sent to its own place alone', async () => {
  const { code, stdout } = await bulkhead(['login', '--api', api], `${managed.operator}\n`, env)
  assert.deepEqual([code, stdout.startsWith(`logged in to ${api} as operator`)], [0, true])
  assert.doesNotMatch(stdout, /bh_/)
  assert.equal((await bulkhead(['whoami'], '', env)).code, 0)
  const other = await bulkhead(['whoami', '--api', 'http://127.0.0.1:1'], '', env)
  assert.match(other.stderr, /there is no token for http:\/\/127\.0\.0\.1:1/)
  assert.match((await bulkhead(['login', '--forget'], '', env)).stdout, /deleted here/)
})

test('one that is wrong, or none, is not kept', async () => {
  const fresh = { XDG_CONFIG_HOME: tempFolder({}) }
  assert.equal((await bulkhead(['login', '--api', api], 'bh_wrong', fresh)).code, 1)
  assert.equal((await bulkhead(['login', '--api', api], '', fresh)).code, 2)
  assert.equal((await bulkhead(['login', '--api', 'ftp://x'], 'bh_x', fresh)).code, 2)
  assert.match((await bulkhead(['login', '--forget'], '', fresh)).stdout, /there was none/)
})
