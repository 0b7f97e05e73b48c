import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BlobTable } from '../../../../src/engine/sqlite/blob-table.ts'
import { openedDatabase } from '../../../support/recorded-store.ts'

test('equal bytes of two tenants are two blobs: neither sees, or deletes, the other’s', (context) => {
  const table = new BlobTable(openedDatabase(context))
  const bytes = Buffer.from('same')
  const digest = table.put('acme', bytes, 10) ?? ''
  assert.equal(table.get('globex', digest), undefined)
  assert.equal(table.put('globex', bytes, 10), digest)
  table.dropTenant('acme')
  assert.equal(table.get('acme', digest), undefined)
  assert.deepEqual(Buffer.from(table.get('globex', digest) ?? []), bytes)
})
