import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { type ApiBody, ManagedBroker } from '../../../support/managed-broker.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const managed = await ManagedBroker.start()
const folder = tempFolder({ 'acme.yaml': 'topicDefault: deny\nquotas: { connections: 3 }\n' })
const tenant = (...words: string[]) => bulkhead(['tenant', ...words], '', managed.env(managed.operator))
const shown = async (name: string) => JSON.parse((await tenant('show', name)).stdout) as ApiBody

test('a tenant is made of a file and of flags, changed, suspended and deleted', async () => {
  const settings = ['--settings', path.join(folder, 'acme.yaml')]
  const made = await tenant(
    'create',
    'acme',
    ...settings,
    '--username-prefix',
    'acme:',
    '--quota',
    'sessions=7',
    'connections=4',
  )
  assert.deepEqual([made.code, made.stdout.split('\n')[0]], [0, 'acme is active'])
  const { match, topicDefault, quotas } = await shown('acme')
  assert.deepEqual(
    [match, topicDefault, quotas['sessions'], quotas['connections']],
    [{ usernamePrefix: 'acme:' }, 'deny', 7, 4],
  )
  await tenant('quota', 'acme', 'bytesPerSec=1MiB', 'sessions=')
  const changed = (await shown('acme')).quotas
  assert.deepEqual([changed['bytesPerSec'], changed['sessions']], [1_048_576, 10_000])
  assert.match((await tenant('suspend', 'acme')).stdout, /^acme is suspended/)
  assert.match((await tenant('list')).stdout, /^acme +api +suspended/m)
  assert.match((await tenant('resume', 'acme')).stdout, /^acme is active/)
  assert.equal((await tenant('delete', 'acme')).code, 2)
  assert.equal((await tenant('delete', 'acme', '--yes')).code, 0)
  assert.equal((await tenant('show', 'acme')).code, 1)
})

test('a quota that is none is refused, and the error names those that are alike', async () => {
  const { code, stderr } = await tenant('create', 'b', '--username-prefix', 'b:', '--quota', 'conections=1')
  assert.deepEqual([code, /did you mean "connections"/.test(stderr)], [1, true])
  assert.equal((await tenant('quota', 'b', 'connections')).code, 2)
})
