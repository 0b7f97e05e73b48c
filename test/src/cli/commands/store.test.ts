import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../../../../src/engine/sqlite/open-store.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const SESSION = "INSERT INTO session VALUES (1, 'acme', 'ann', 1, '{}', 0)"
const FILTER = "INSERT INTO subscription VALUES (1, 'a/#', '{}')"

function storeWith(...sql: readonly string[]): string {
  const folder = tempFolder({})
  using database = openStore(folder, 'os')
  for (const statement of sql) database.exec(statement)
  return folder
}

test('a store that is whole is told by tenant, for people and as JSON', async () => {
  const folder = storeWith(SESSION, FILTER)
  const { code, stdout, stderr } = await bulkhead(['store', 'check', '--data', folder])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /KiB, format 1, whole\n/)
  assert.match(stdout, /^acme +1 +1 +0 \(0 B\) /m)
  const json = await bulkhead(['store', 'check', '--data', folder, '--json'])
  const { faults, tenants } = JSON.parse(json.stdout) as { faults: string[]; tenants: { tenant: string }[] }
  assert.deepEqual([faults, tenants.map(({ tenant }) => tenant)], [[], ['acme']])
})

test('one that is not says what is wrong, and ends with 1', async () => {
  const { code, stdout } = await bulkhead(['store', 'check', '--data', storeWith(FILTER)])
  assert.equal(code, 1)
  assert.match(stdout, /not whole.*\n {2}subscriptions of no session: 1\n/)
})

test('where there is none that is said; without a folder it is an error of usage', async () => {
  const folder = join(tempFolder({}), 'nowhere')
  const none = await bulkhead(['store', 'check', '--data', folder])
  assert.deepEqual([none.code, none.stderr.includes(`ERR_STORE: there is no store in ${folder}`)], [1, true])
  const usage = await bulkhead(['store', 'check'])
  assert.deepEqual([usage.code, /ERR_USAGE: give --data DIR/.test(usage.stderr)], [2, true])
})
