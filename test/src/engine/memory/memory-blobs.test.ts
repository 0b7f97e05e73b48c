import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryBlobs } from '../../../../src/engine/memory/memory-blobs.ts'

test('a tenant that was dropped has its whole quota again, and others keep theirs', async () => {
  const blobs = new MemoryBlobs()
  const bytes = Buffer.from('12345')
  const digest = (await blobs.put('acme', bytes, 5)) ?? ''
  await blobs.put('globex', bytes, 5)
  blobs.dropTenant('acme')
  assert.equal(await blobs.get('acme', digest), undefined)
  assert.notEqual(await blobs.put('acme', Buffer.from('67890'), 5), null)
  assert.equal(Buffer.from((await blobs.get('globex', digest)) ?? []).toString(), '12345')
})
