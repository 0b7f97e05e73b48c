import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesText } from '../../../src/cli/bytes-text.ts'

test('a size is told in the unit that makes it short', () => {
  const told = [0, 1023, 1024, 1536, 10 * 1024, 1_048_576, 1.4 * 1024 ** 3, 3 * 1024 ** 4].map(bytesText)
  assert.deepEqual(told, ['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '10 KiB', '1.0 MiB', '1.4 GiB', '3.0 TiB'])
})

test('what is larger than the largest unit is told in that', () => {
  assert.equal(bytesText(5000 * 1024 ** 4), '5000 TiB')
})
