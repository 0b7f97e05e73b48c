import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FetchBudget } from '../../../../sandbox/host/capabilities/fetch-budget.ts'
import { openPower } from '../../../../sandbox/host/capabilities/powers.ts'
import { CAPABILITIES } from '../../../../sandbox/manifest/manifest.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'
import { call, holder } from '../../../support/holder.ts'

const fetches = new FetchBudget(4)

test('a capability opens its power, which works through its port', async () => {
  const power = openPower('kv', holder({ grant: { bytes: 100 } }), { kv: new MemoryKv(), fetches })
  assert.deepEqual(await call(power, { op: 'set', key: 'k', value: '1' }), { ok: true, version: 1 })
})

test('without a port there is no power, whatever it is called', () => {
  const without = CAPABILITIES.filter((name) => name !== 'crypto')
  for (const name of without) assert.equal(openPower(name, holder(), { fetches }), undefined)
})

test('crypto needs nothing of the broker', async () => {
  const power = openPower('crypto', holder(), { fetches })
  const digest = await call(power, { op: 'digest', name: 'sha256', data: '' })
  assert.deepEqual(digest, { bytes64: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' })
})
