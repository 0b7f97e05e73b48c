import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BulkheadError } from '../../../src/base/errors.ts'
import { buildPlugin, preparePlugins } from '../../../src/cli/prepare-plugins.ts'
import { loadConfig } from '../../../src/config/load-config.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

const PLUGIN = `import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ capabilities: { password: true }, authenticate: () => allow() })
`

describe('preparing the plugins of a config', () => {
  it('gives each its own result: one that cannot be does not hide the others', async (t) => {
    const folder = await pluginFolder(t, { 'wants/plugin.ts': PLUGIN, 'fits/plugin.ts': PLUGIN })
    const { config } = await loadConfig({
      tenants: {
        a: { match: { usernamePrefix: 'a' }, plugins: [`${folder}/wants`] },
        b: { match: { usernamePrefix: 'b' }, plugins: [`${folder}/fits`], allow: { password: true } },
      },
    })
    const [refused, prepared] = await preparePlugins(config)
    assert.ok(refused?.prepared instanceof BulkheadError)
    assert.equal(refused.prepared.code, 'ERR_PLUGIN_CAPABILITY')
    assert.ok(prepared !== undefined && !(prepared.prepared instanceof BulkheadError))
    assert.deepEqual(prepared.prepared.capabilities, { password: true })
  })
})

describe('building a plugin for its author', () => {
  it('grants what it asks for: nothing of it runs here but its probe', async (t) => {
    const folder = await pluginFolder(t, { 'plugin.ts': PLUGIN })
    assert.deepEqual((await buildPlugin(folder)).manifest.hooks, ['authenticate'])
  })
})
