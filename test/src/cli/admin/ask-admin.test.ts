import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const socket = path.join(tempFolder({}), 'control.sock')
const managed = await ManagedBroker.start({ controlSocket: socket })
const nobody = { HOME: '/nonexistent' }

test('on its own machine the operator needs no token: the control socket is for this user alone', async () => {
  const { code, stdout, stderr } = await bulkhead(['whoami', '--socket', socket], '', nobody)
  assert.deepEqual([code, stdout, stderr], [0, 'operator  (local)\n', ''])
})

test('elsewhere a token says who asks; without one the error says how to get one', async () => {
  const { code, stdout } = await bulkhead(['whoami'], '', managed.env(managed.operator))
  assert.deepEqual([code, stdout.startsWith('operator  (')], [0, true])
  const without = await bulkhead(['whoami', '--api', managed.broker.adminUrl ?? ''], '', nobody)
  assert.deepEqual([without.code, /ERR_ADMIN: there is no token .*log in/.test(without.stderr)], [1, true])
  const wrong = await bulkhead(['whoami'], '', managed.env('bh_nonsense'))
  assert.deepEqual([wrong.code, /ERR_ADMIN: 401: the token is not known/.test(wrong.stderr)], [1, true])
})

test('where nobody answers, that is said, and what a broker refuses is said in its words', async () => {
  const gone = await bulkhead(['whoami'], '', { ...managed.env('x'), BULKHEAD_API: 'http://127.0.0.1:1' })
  assert.deepEqual([gone.code, /nobody answers at http:\/\/127\.0\.0\.1:1/.test(gone.stderr)], [1, true])
  const refused = await bulkhead(['tenant', 'create', 'x'], '', managed.env(managed.operator))
  assert.deepEqual(
    [refused.code, /ERR_CONFIG_INVALID: .*can never be reached/.test(refused.stderr)],
    [1, true],
  )
})

test('the operator names the tenant that is meant', async () => {
  const { code, stderr } = await bulkhead(['clients', 'list'], '', managed.env(managed.operator))
  assert.deepEqual([code, /name one with --tenant/.test(stderr)], [2, true])
})
