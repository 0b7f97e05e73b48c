import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DocumentTable } from '../../../../src/engine/sqlite/document-table.ts'
import { openedDatabase } from '../../../support/recorded-store.ts'

const OF = { tenant: 'acme', kind: 'k' } as const

test('a change that is refused is undone, and the rest of its transaction is not', (context) => {
  const database = openedDatabase(context)
  const table = new DocumentTable(database)
  database.exec('BEGIN')
  table.change([{ ...OF, key: 'before', text: '1' }])
  const refused = table.change([
    { ...OF, key: 'half', text: '1' },
    { ...OF, key: 'before', text: '2', ifRevision: 7 },
  ])
  database.exec('COMMIT')
  assert.deepEqual(refused, { ok: false, place: 1, why: 'revision' })
  assert.deepEqual(
    table.list('acme', 'k', '', 10).map(({ key, text }) => [key, text]),
    [['before', '1']],
  )
})

test('a revision does not come back with a tenant that was dropped', (context) => {
  const table = new DocumentTable(openedDatabase(context))
  table.change([{ ...OF, key: 'a', text: '' }])
  table.dropTenant('acme')
  assert.equal(table.get('acme', 'k', 'a'), undefined)
  assert.deepEqual(table.change([{ ...OF, key: 'a', text: '' }]), { ok: true, revision: 2 })
})
