import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readBundleFile } from '../../../../sandbox/bundle/bundle-file.ts'
import { pluginFolder } from '../../../support/plugin-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const PLUGIN = `import { allow, definePlugin } from 'bulkhead/plugin'
import { topic } from 'topic-of'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event) => event.topic === topic ? allow() : false,
})
`

describe('plugin build', () => {
  it("writes one file, in which the folder's own packages are too", async (t) => {
    const folder = await pluginFolder(t, {
      'gate/plugin.ts': PLUGIN,
      'gate/package.json': '{ "name": "gate", "version": "1.2.3", "dependencies": { "topic-of": "1" } }',
      'gate/node_modules/topic-of/package.json': '{ "name": "topic-of", "main": "index.js" }',
      'gate/node_modules/topic-of/index.js': "export const topic = 'from/a/package'",
    })
    const file = `${folder}/gate.bundle.json`
    const { code, stdout, stderr } = await bulkhead(['plugin', 'build', `${folder}/gate`, '-o', file])
    assert.equal(code, 0, stderr)
    const { manifest, sha256, code: script } = await readBundleFile(file)
    assert.deepEqual(
      [manifest.name, manifest.version, manifest.hooks],
      ['gate', '1.2.3', ['authorizePublish']],
    )
    assert.match(script, /from\/a\/package/)
    assert.ok(stdout.includes(`sha256: ${sha256}`))
    assert.match(stdout, /capabilities: log$/m)
  })

  it('says where a mistake is, and ends with 1', async (t) => {
    const folder = await pluginFolder(t, { 'plugin.ts': 'export default {\n' })
    const { code, stderr } = await bulkhead(['plugin', 'build', folder])
    assert.match(stderr, /^bulkhead: ERR_PLUGIN_BUILD: [^]*plugin\.ts:2:/)
    assert.equal(code, 1)
  })
})
