import assert from 'node:assert/strict'
import { it } from 'node:test'
import { EXIT } from '../../../src/cli/exit-codes.ts'

it('scripts can tell by the code how a command ended', () => {
  const codes = Object.values(EXIT)
  assert.equal(new Set(codes).size, codes.length)
  assert.deepEqual([EXIT.ok, EXIT.usage, EXIT.timedOut, EXIT.interrupted], [0, 2, 27, 128 + 2])
})
