import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPower } from '../../../../sandbox/host/capabilities/powers.ts'
import { CAPABILITIES } from '../../../../sandbox/manifest/manifest.ts'
import { MemoryKv } from '../../../../src/engine/memory/memory-kv.ts'
import { call, holder } from '../../../support/holder.ts'

test('a capability opens its power, which works through its port', async () => {
  const power = openPower('kv', holder({ grant: { bytes: 100 } }), { kv: new MemoryKv() })
  assert.deepEqual(await call(power, { op: 'set', key: 'k', value: '1' }), { ok: true, version: 1 })
})

test('without a port there is no power, whatever it is called', () => {
  for (const name of CAPABILITIES) assert.equal(openPower(name, holder(), {}), undefined)
})
