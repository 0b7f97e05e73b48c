import assert from 'node:assert/strict'
import { totalmem } from 'node:os'
import { test } from 'node:test'
import { autoMaxCells } from '../../../../sandbox/host/cells/max-cells.ts'
import { CELL_USUAL_MIB, CELLS_AUTO } from '../../../../sandbox/limits.ts'

const GIB = 2 ** 30

test('half of the memory is for cells, each counted with what it usually takes', () => {
  assert.equal(autoMaxCells(16 * GIB), 128)
  assert.equal(autoMaxCells(4 * GIB), 32)
})

test('a small machine has some cells, a large one not endlessly many', () => {
  assert.equal(autoMaxCells(64 * 2 ** 20), CELLS_AUTO.least)
  assert.equal(autoMaxCells(1e15), CELLS_AUTO.most)
})

test('this machine has as many as its memory holds at most', () => {
  const cells = autoMaxCells()
  assert.ok(cells === CELLS_AUTO.least || cells * CELL_USUAL_MIB * 2 ** 20 <= totalmem() / 2)
})
