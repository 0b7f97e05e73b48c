import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { ConfigProblems } from '../../../src/config/config-problems.ts'
import { readSource } from '../../../src/config/read-source.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()

describe('the source of a config', () => {
  it('is a file, and relative paths are relative to it', async () => {
    const file = folder.write('a.yaml', 'anonymous: true')
    const source = await readSource(file, new ConfigProblems())
    assert.deepEqual([source.baseDir, source.file, source.demo], [folder.path, file, false])
    assert.deepEqual(source.tree.root, { anonymous: true })
  })

  it('is an object, and relative paths are relative to where we run', async () => {
    const source = await readSource({ anonymous: true }, new ConfigProblems())
    assert.deepEqual([source.baseDir, source.file, source.demo], [process.cwd(), undefined, false])
  })

  it('is the demo when nothing is given', async () => {
    assert.equal((await readSource(undefined, new ConfigProblems())).demo, true)
  })

  it('that cannot be read, or is too large, is ERR_CONFIG_READ and names the file', async () => {
    const missing = path.join(folder.path, 'none.yaml')
    const large = folder.write('large.yaml', '#'.repeat(2_000_000))
    await assert.rejects(readSource(missing, new ConfigProblems()), {
      code: 'ERR_CONFIG_READ',
      message: /none\.yaml/,
    })
    await assert.rejects(readSource(large, new ConfigProblems()), {
      code: 'ERR_CONFIG_READ',
      message: /large\.yaml/,
    })
  })
})
