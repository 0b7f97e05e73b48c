import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundsOf, sameBounds } from '../../../../sandbox/host/cells/cell-bounds.ts'
import { DEFAULT_LIMITS } from '../../../../sandbox/index.ts'

test('tenants with the same limits have the same bounds, whatever plugins they have', () => {
  assert.equal(sameBounds(boundsOf(DEFAULT_LIMITS, false), boundsOf({ ...DEFAULT_LIMITS }, false)), true)
})

test('another memory wall, another number of plugins or a compiler makes other bounds', () => {
  const usual = boundsOf(DEFAULT_LIMITS, false)
  const others = [
    boundsOf({ ...DEFAULT_LIMITS, dataMiB: 299 }, false),
    boundsOf({ ...DEFAULT_LIMITS, rssMiB: 255 }, false),
    boundsOf({ ...DEFAULT_LIMITS, plugins: 7 }, false),
    boundsOf(DEFAULT_LIMITS, true),
  ]
  for (const other of others) assert.equal(sameBounds(usual, other), false)
})
