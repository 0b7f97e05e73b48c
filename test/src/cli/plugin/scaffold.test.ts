import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { scaffold } from '../../../../src/cli/plugin/scaffold.ts'
import { tempFolder } from '../../../support/temp-folder.ts'

const OWN_ROOT = path.resolve(import.meta.dirname, '../../../..')
const folder = tempFolder({ 'taken/notes.txt': '' })

describe('a new plugin', () => {
  it('is typed: the compiler finds no fault with it, nor with its test', async () => {
    const root = path.join(folder, 'typed')
    await scaffold(root)
    execFileSync(path.join(OWN_ROOT, 'node_modules/.bin/tsc'), ['-p', root], { stdio: 'pipe' })
  })

  it('finds this program wherever it lies, behind a link, too', async () => {
    mkdirSync(path.join(folder, 'far/away'), { recursive: true })
    symlinkSync('far/away', path.join(folder, 'near'))
    await scaffold(path.join(folder, 'near/meters'))
    const linked = path.join(folder, 'far/away/meters/node_modules')
    assert.equal(realpathSync(path.join(linked, 'bulkhead')), realpathSync(OWN_ROOT))
    const command = path.join(linked, '.bin/bulkhead')
    assert.equal(realpathSync(command), realpathSync(path.join(OWN_ROOT, 'src/cli/bulkhead.sh')))
  })

  it('takes no folder in which something is, and leaves it as it was', async () => {
    const taken = path.join(folder, 'taken')
    await assert.rejects(scaffold(taken), { code: 'ERR_USAGE', message: /has notes\.txt already/ })
    assert.deepEqual(readdirSync(taken), ['notes.txt'])
  })

  for (const name of ['9lives', 'Über', 'two words', `x${'y'.repeat(64)}`]) {
    it(`is not called ${name}`, async () => {
      await assert.rejects(scaffold(path.join(folder, name)), { code: 'ERR_USAGE', message: /no name of/ })
    })
  }
})
