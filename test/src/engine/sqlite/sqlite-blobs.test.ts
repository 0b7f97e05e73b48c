import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { SqliteBlobs } from '../../../../src/engine/sqlite/sqlite-blobs.ts'
import { looked, openedStore } from '../../../support/recorded-store.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'

test('a blob that was told to be kept is there after a restart, byte by byte', async (context) => {
  const folder = dataFolder()
  const { store } = await openedStore(context, folder)
  const bytes = randomBytes(600_000)
  const digest = (await new SqliteBlobs(store).put('acme', bytes, 1 << 20)) ?? ''
  assert.equal(
    looked(folder, 'SELECT digest FROM blob')[0]?.['digest'],
    digest,
    'it was safe when it was told',
  )
  await store.close()
  const { store: again } = await openedStore(context, folder)
  const blobs = new SqliteBlobs(again)
  assert.deepEqual(Buffer.from((await blobs.get('acme', digest)) ?? []), bytes)
  await blobs.delete('acme', digest)
  assert.equal(await blobs.get('acme', digest), undefined)
})
