import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHash, randomBytes } from 'node:crypto'
import type { BlobStore } from '../../src/engine/engine.ts'

const ROOMY = 1 << 20

/** What every engine promises of blobs. */
export function blobsContract(name: string, make: () => BlobStore | Promise<BlobStore>): void {
  test(`${name}: a blob is found by the sha256 of what it is, in its own tenant`, async () => {
    const blobs = await make()
    const bytes = randomBytes(100_000)
    const digest = createHash('sha256').update(bytes).digest('hex')
    assert.equal(await blobs.put('acme', bytes, ROOMY), digest)
    assert.deepEqual(Buffer.from((await blobs.get('acme', digest)) ?? []), bytes)
    assert.equal(await blobs.get('globex', digest), undefined)
    await blobs.delete('globex', digest)
    assert.notEqual(await blobs.get('acme', digest), undefined)
    await blobs.delete('acme', digest)
    await blobs.delete('acme', digest)
    assert.equal(await blobs.get('acme', digest), undefined)
  })

  test(`${name}: a tenant's blobs have a bound together; the same one counts once`, async () => {
    const blobs = await make()
    const first = await blobs.put('acme', Buffer.from('12345'), 10)
    assert.equal(await blobs.put('acme', Buffer.from('12345'), 10), first)
    assert.notEqual(await blobs.put('acme', Buffer.from('67890'), 10), null)
    assert.equal(await blobs.put('acme', Buffer.from('1'), 10), null)
    assert.equal(await blobs.put('acme', Buffer.from('12345'), 10), first, 'it is there already')
    assert.notEqual(await blobs.put('globex', Buffer.from('1'), 10), null)
    await blobs.delete('acme', first ?? '')
    assert.notEqual(await blobs.put('acme', Buffer.from('1'), 10), null)
  })

  test(`${name}: what was put does not change with the buffer that it came in`, async () => {
    const blobs = await make()
    const bytes = Buffer.from('before')
    const digest = (await blobs.put('acme', bytes, ROOMY)) ?? ''
    bytes.fill('x')
    assert.equal(Buffer.from((await blobs.get('acme', digest)) ?? []).toString(), 'before')
  })
}
