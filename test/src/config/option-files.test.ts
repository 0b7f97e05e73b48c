import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, it } from 'node:test'
import { PACKAGE_DIR } from '../../../src/config/bundled-plugins.ts'
import { fillOptionFiles } from '../../../src/config/option-files.ts'
import { ConfigFolder } from './config-folder.ts'

const AUTH_FILE = path.join(PACKAGE_DIR, 'plugins-examples', 'auth-file')
const folder = new ConfigFolder('plugins/auth-file')
folder.write('passwd', 'alice:$2b$\n')

function withFile(file: string): string {
  return `plugins:\n  bulkhead/auth-file:\n    password_file: ${file}`
}

describe('an option of a bundled plugin that is the path of a file', () => {
  it('gets what the file says, and the path is kept', async () => {
    const { plugins } = await folder.tenant('plugins: { bulkhead/auth-file: { password_file: ./passwd } }')
    assert.deepEqual(plugins[0]?.options, { password_file: 'alice:$2b$\n' })
    assert.deepEqual(plugins[0].optionFiles, { password_file: './passwd' })
  })

  it("is found in aMQTT's older form too", async () => {
    const { plugins } = await folder.tenant('auth: { plugins: [auth_file], password-file: passwd }')
    const named = plugins.find(({ name }) => name === 'auth_file')
    assert.deepEqual(named?.options, { password_file: 'alice:$2b$\n' })
    const others = plugins.filter(({ name }) => name !== 'auth_file')
    assert.ok(others.length > 0)
    for (const { options } of others) assert.deepEqual(options, { password_file: 'passwd' })
  })

  it('stops the start where it cannot be read, and says where that is written', async () => {
    folder.write('large', 'x'.repeat(1_048_577))
    const missing = await folder.mistakes(withFile('none'))
    assert.match(missing.join(), /broker\.yaml:3:20 .*password_file: the file cannot be read: ENOENT/)
    const large = await folder.mistakes(withFile('large'))
    assert.match(large.join(), /password_file: the file is larger than 1048576 bytes: large/)
  })

  it('is shown by its path', async () => {
    const loaded = await folder.load('plugins: { bulkhead/auth-file: { password_file: ./passwd } }')
    assert.deepEqual(loaded.effective['plugins'], { 'bulkhead/auth-file': { password_file: './passwd' } })
  })
})

describe('an option of any other plugin', () => {
  it('stays as it is written: no plugin chooses which files are read', async () => {
    const { plugins } = await folder.tenant('plugins: { ./plugins/auth-file: { password_file: ./passwd } }')
    assert.deepEqual(plugins[0]?.options, { password_file: './passwd' })
  })

  it('stays where it is no text, for the schema to refuse', () => {
    const { options, paths } = fillOptionFiles(AUTH_FILE, { password_file: 7 }, folder.path, assert.fail)
    assert.deepEqual([options, paths], [{ password_file: 7 }, {}])
  })
})
