import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from '../../../../src/cli/admin/show.ts'

test('columns are as wide as what is in them, and no line ends in spaces', () => {
  assert.deepEqual(
    table(
      ['name', 'n'],
      [
        ['a', '1'],
        ['longer', ''],
      ],
    ),
    ['name    n', 'a       1', 'longer'],
  )
  assert.deepEqual(table(['name', 'n'], []), ['name  n'])
})
