import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFIG_SCHEMA } from '../../../../src/config/config-schema.ts'
import { pluginFolder } from '../../../support/plugin-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const GATE = `import { abstain, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  config: {
    type: 'object',
    properties: { pin: { type: 'string', secret: true }, user: { type: 'string' } },
    additionalProperties: false,
  },
  authenticate: () => abstain(),
})
`

describe('config schema', () => {
  it('prints the schema that configs are checked with', async () => {
    const { code, stdout } = await bulkhead(['config', 'schema'])
    assert.deepEqual(JSON.parse(stdout), CONFIG_SCHEMA)
    assert.equal(code, 0)
  })
})

describe('config show', () => {
  it("masks what the plugin's own schema calls secret, and says where the rest comes from", async (t) => {
    const folder = await pluginFolder(t, {
      'gate/plugin.ts': GATE,
      'broker.yaml': 'plugins: { ./gate: { pin: "4711", user: alice } }\n',
    })
    const { code, stdout } = await bulkhead(['config', 'show', '-c', `${folder}/broker.yaml`])
    assert.equal(code, 0)
    assert.match(stdout, /pin: "\*{8}" # .*broker\.yaml:1:27$/m)
    assert.match(stdout, /user: alice # .*broker\.yaml:1:41$/m)
    assert.doesNotMatch(stdout, /4711/)
  })

  it('masks all options of a plugin whose schema cannot be known', async (t) => {
    const folder = await pluginFolder(t, {
      'gate/plugin.ts': 'this is no TypeScript',
      'broker.yaml': 'plugins: { ./gate: { pin: "4711", user: alice } }\n',
    })
    const { stdout } = await bulkhead(['config', 'show', '-c', `${folder}/broker.yaml`])
    assert.match(stdout, /\.\/gate: "\*{8}"/)
    assert.doesNotMatch(stdout, /4711|alice/)
  })

  it('needs its subcommand', async () => {
    const { code, stderr } = await bulkhead(['config'])
    assert.deepEqual([code, stderr], [2, 'bulkhead: ERR_USAGE: a subcommand is missing; --help lists them\n'])
  })
})
