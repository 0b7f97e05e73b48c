import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SqliteDocuments } from '../../../../src/engine/sqlite/sqlite-documents.ts'
import { looked, openedStore } from '../../../support/recorded-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

const CHANGES = [
  { tenant: 'acme', kind: 'k', key: 'é\u0000', text: '😀', ifRevision: 0 },
  { tenant: '', kind: '', key: '', text: null, ifRevision: undefined },
]

test('what was told to be written is there after a restart, with its revision', async (context) => {
  const folder = dataFolder()
  const { store } = await openedStore(context, folder)
  assert.deepEqual(await new SqliteDocuments(store).change(CHANGES), { ok: true, revision: 1 })
  assert.equal(looked(folder, 'SELECT key FROM document').length, 1, 'it was safe when it was told')
  await store.close()
  const { store: again } = await openedStore(context, folder)
  const documents = new SqliteDocuments(again)
  assert.deepEqual(await documents.get('acme', 'k', 'é\u0000'), { key: 'é\u0000', text: '😀', revision: 1 })
  assert.deepEqual(await documents.change(CHANGES), { ok: false, place: 0, why: 'revision' })
})
