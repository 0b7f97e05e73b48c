import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pluginFolder } from '../../../support/plugin-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const GATE = `import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  name: 'gate', version: '1.2.3', capabilities: { log: true },
  config: { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false },
  authenticate: () => allow(),
})
`

describe('check', () => {
  it('says that a config is right, and what each plugin is granted', async (t) => {
    const folder = await pluginFolder(t, { 'gate/plugin.ts': GATE, 'broker.yaml': 'plugins: [./gate]\n' })
    const { code, stdout } = await bulkhead(['check', '-c', `${folder}/broker.yaml`])
    assert.equal(stdout, `default/gate: gate 1.2.3, granted: log\n${folder}/broker.yaml: OK\n`)
    assert.equal(code, 0)
  })

  it('names every mistake of the config, one a line, and ends with 1', async (t) => {
    const folder = await pluginFolder(t, { 'broker.yaml': 'listners: {}\nmqtt: { maximumQos: 3 }\n' })
    const { code, stderr } = await bulkhead(['check', '-c', `${folder}/broker.yaml`])
    assert.deepEqual(stderr.replaceAll(`${folder}/`, '').split('\n'), [
      'bulkhead: ERR_CONFIG_INVALID:',
      '  broker.yaml:1:1 unknown key "listners"; did you mean "listeners"?',
      '  broker.yaml:2:21 mqtt.maximumQos: expected 0, 1 or 2, got 3',
      '',
    ])
    assert.equal(code, 1)
  })

  it('names every plugin that does not build or whose options are wrong, and ends with 1', async (t) => {
    const folder = await pluginFolder(t, {
      'gate/plugin.ts': GATE,
      'broken/plugin.ts': 'export default {',
      'broker.yaml': 'plugins: { ./gate: { m: 1 }, ./broken: {} }\n',
    })
    const { code, stderr, stdout } = await bulkhead(['check', '-c', `${folder}/broker.yaml`])
    assert.match(stderr, /ERR_PLUGIN_CONFIG: default\/gate: .*`m` is unknown/)
    assert.match(stderr, /ERR_PLUGIN_BUILD: default\/broken: .*plugin\.ts:1:/)
    assert.deepEqual([code, stdout], [1, ''])
  })

  it('names a query that a plugin asks and nobody has defined', async (t) => {
    const folder = await pluginFolder(t, {
      'gate/plugin.ts': GATE.replace('log: true', "query: { names: ['findUser'] }"),
      'broker.yaml': 'allow: { query: true }\nplugins: [./gate]\n',
    })
    const { code, stderr } = await bulkhead(['check', '-c', `${folder}/broker.yaml`])
    assert.match(stderr, /ERR_PLUGIN_CAPABILITY: .*query: its tenant has no "findUser"; there is: none/)
    assert.equal(code, 1)
  })

  it('needs a config', async () => {
    const { code, stderr } = await bulkhead(['check'])
    assert.match(stderr, /^bulkhead: ERR_USAGE: required option '-c, --config <file>' not specified/)
    assert.equal(code, 2)
  })
})
