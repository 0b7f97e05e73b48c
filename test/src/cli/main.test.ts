import assert from 'node:assert/strict'
import { it } from 'node:test'
import { startBulkhead } from './bulkhead.ts'

it('a reader of the output that has seen enough ends the command without an error', async () => {
  const { child, ended } = startBulkhead(['config', 'schema'])
  child.stdout?.destroy()
  const { code, stderr } = await ended
  assert.deepEqual([code, stderr], [0, ''])
})
