import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pluginFolder } from '../../support/plugin-folder.ts'
import { bulkhead } from './bulkhead.ts'

const GATE = `import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  config: {
    type: 'object', properties: { allow_anonymous: { type: 'boolean' } }, additionalProperties: false,
  },
  authenticate: () => true,
})
`

it('--plugin-namespace chooses what is loaded, and `check` shows the modern form', async (t) => {
  const folder = await pluginFolder(t, {
    'package.json': '{ "bulkhead": { "plugins": { "ns": { "gate": "./plugins/gate" } } } }',
    'plugins/gate/plugin.ts': GATE,
    'broker.yaml': 'auth: { plugins: [gate], allow-anonymous: true }',
    'stray.yaml': 'auth: { plugins: [gate], alow-anonymous: true }',
  })
  const flags = ['--plugin-namespace', 'ns']
  const { code, stdout, stderr } = await bulkhead(['check', '-c', `${folder}/broker.yaml`, ...flags])
  assert.equal(code, 0)
  assert.match(stdout, /^default\/gate: gate /)
  const form = 'plugins:\n  gate:\n    use: ./plugins/gate\n    config:\n      allow_anonymous: true\n'
  assert.ok(stderr.includes(form), stderr)
  const stray = await bulkhead(['check', '-c', `${folder}/stray.yaml`, ...flags])
  assert.equal(stray.code, 1)
  assert.match(stray.stderr, /no plugin takes the option "alow_anonymous"; did you mean "allow_anonymous"/)
})
