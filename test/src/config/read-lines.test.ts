import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { readLines } from '../../../src/config/read-lines.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const folder = tempFolder({ lines: '# all\n\na b\r\n  \nc' })

it('lines that say something are read with their places, and what is no file is refused', () => {
  const file = path.join(folder, 'lines')
  assert.deepEqual(readLines(file), [
    { text: 'a b', place: `${file}:3` },
    { text: 'c', place: `${file}:5` },
  ])
  assert.throws(() => readLines(folder), { code: 'ERR_CONFIG_READ' })
  assert.throws(() => readLines(path.join(folder, 'none')), { code: 'ERR_CONFIG_READ' })
})
