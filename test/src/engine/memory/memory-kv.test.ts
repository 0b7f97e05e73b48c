import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KV_KEYS } from '../../../../src/base/limits.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'

const ROOMY = { pluginBytes: Number.POSITIVE_INFINITY, tenantBytes: Number.POSITIVE_INFINITY }

test('a space has a bound of keys, whatever the byte quota is; what is there can still be changed', async () => {
  const kv = new MemoryKv()
  for (let number = 0; number < KV_KEYS; number += 1) await kv.set('acme', 'gate', `${number}`, '', 0, ROOMY)
  assert.equal(await kv.set('acme', 'gate', 'more', '', 0, ROOMY), 'full')
  assert.deepEqual(await kv.set('acme', 'gate', '7', 'new', undefined, ROOMY), {
    ok: true,
    version: KV_KEYS + 1,
  })
  await kv.delete('acme', 'gate', '8', undefined)
  assert.deepEqual(await kv.set('acme', 'gate', 'more', '', 0, ROOMY), { ok: true, version: KV_KEYS + 2 })
})
