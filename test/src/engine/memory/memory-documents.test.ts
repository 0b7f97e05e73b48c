import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryDocuments } from '../../../../src/engine/memory/memory-documents.ts'

test('a change that is refused half-way leaves what it had written and deleted as it was', async () => {
  const documents = new MemoryDocuments()
  const of = { tenant: 'acme', kind: 'k' }
  await documents.change(['a', 'b'].map((key) => ({ ...of, key, text: key })))
  const { ok } = await documents.change([
    { ...of, key: 'a', text: 'changed' },
    { ...of, key: 'b', text: null },
    { ...of, key: 'c', text: 'new' },
    { ...of, key: 'a', text: 'again', ifRevision: 1 },
  ])
  assert.equal(ok, false)
  const listed = await documents.list('acme', 'k', undefined, 10)
  assert.deepEqual(
    listed.map(({ key, text }) => [key, text]),
    [
      ['a', 'a'],
      ['b', 'b'],
    ],
  )
})

test('a revision does not come back with a tenant that was dropped', async () => {
  const documents = new MemoryDocuments()
  const change = () => documents.change([{ tenant: 'acme', kind: 'k', key: 'a', text: '' }])
  await change()
  documents.dropTenant('acme')
  assert.deepEqual(await change(), { ok: true, revision: 2 })
})
