import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examine } from '../../../src/cli/examine.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

test('a plugin that cannot be used decides everything, and closes its tenant', async (t) => {
  const folder = await pluginFolder(t, {
    'broken/plugin.ts': 'export default {',
    'broker.yaml': 'plugins: [./broken]\n',
  })
  const { config, sound } = await examine(`${folder}/broker.yaml`)
  const [tenant] = config?.tenants ?? []
  assert.deepEqual([tenant?.authenticates, tenant?.undecided], [true, []])
  assert.match(tenant?.plugins[0]?.unusable ?? '', /plugin\.ts:1:/)
  assert.equal(sound, true)
})

test('the general hook decides publish, subscribe and receive', async (t) => {
  const folder = await pluginFolder(t, {
    'gate/plugin.ts': `import { allow, definePlugin } from 'bulkhead/plugin'
      export default definePlugin({ name: 'gate', version: '1.0.0', topicFiltering: () => allow() })`,
    'broker.yaml': 'plugins: [./gate]\n',
  })
  const { config } = await examine(`${folder}/broker.yaml`)
  assert.deepEqual(config?.tenants[0]?.undecided, [])
})

test('the memory plan counts the largest cells that may run at once, and no tenant without plugins', async (t) => {
  const folder = await pluginFolder(t, {
    'gate/plugin.ts': `import { allow, definePlugin } from 'bulkhead/plugin'
      export default definePlugin({ topicFiltering: () => allow() })`,
    'broker.yaml': `
sandbox: { maxCells: 2, spareCells: 3, idleStopSec: 60 }
tenants:
  a: { match: { usernamePrefix: a }, plugins: [./gate], sandbox: { limits: { rssMiB: 100 } } }
  b: { match: { usernamePrefix: b }, plugins: [./gate], sandbox: { limits: { rssMiB: 200 } } }
  c: { match: { usernamePrefix: c }, plugins: [./gate], sandbox: { limits: { rssMiB: 150 } } }
  default: { anonymous: true }
`,
  })
  const { config } = await examine(`${folder}/broker.yaml`)
  const { machineMiB, ...plan } = config?.memory ?? assert.fail()
  assert.deepEqual(plan, {
    tenants: 3,
    maxCells: 2,
    isAuto: false,
    spareCells: 3,
    idleStopSec: 60,
    worstCaseMiB: 350,
  })
  assert.ok(machineMiB > 0)
})
