import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { scaffold } from '../../../../src/cli/plugin/scaffold.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const folder = tempFolder({ 'bare/plugin.ts': '' })

describe('plugin test', () => {
  it('runs what is new, by the command that npm has in its path, whatever Node the machine has', async () => {
    const root = path.join(folder, 'meters')
    await scaffold(root)
    const command = path.join(root, 'node_modules/.bin/bulkhead')
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const run = promisify(execFile)
    const { stdout } = await run(command, ['plugin', 'test'], { cwd: root, env })
    assert.match(stdout, /pass 1$/m)
    const file = path.join(root, 'plugin.ts')
    await writeFile(file, (await readFile(file, 'utf8')).replace('allow()', 'deny()'))
    await assert.rejects(run(command, ['plugin', 'test'], { cwd: root, env }), { code: 1 })
  })

  it('says that there is no test, or no folder', async () => {
    for (const [place, why] of [
      ['bare', /has no test/],
      ['nowhere', /cannot be read/],
    ] as const) {
      const { code, stderr } = await bulkhead(['plugin', 'test', path.join(folder, place)])
      assert.equal(code, 2)
      assert.match(stderr, why)
    }
  })
})
