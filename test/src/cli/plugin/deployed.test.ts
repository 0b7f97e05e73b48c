import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const source = (n: number): string => `import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  config: { type: 'object', properties: { n: { type: 'number' } }, additionalProperties: false },
  authorizePublish: () => allow(),
})
export const n = ${n}
`
const managed = await ManagedBroker.start()
const acme = await managed.tenant('acme')
const plugin = (...words: string[]) => bulkhead(['plugin', ...words], '', managed.env(acme))
const first = await managed.deploy(acme, 'acme', 'gate', source(1))
const second = await managed.deploy(acme, 'acme', 'gate', source(2))
const short = ({ serving }: { serving: { digest: string } }): string => serving.digest.slice(0, 12)

test('versions are listed, the one that serves is marked, and what served before serves again', async () => {
  assert.match((await plugin('list')).stdout, new RegExp(`^gate +0.0.0-dev +active +${short(second)}`, 'm'))
  assert.match((await plugin('versions', 'gate')).stdout, new RegExp(`^${short(second)} .* serves$`, 'm'))
  assert.match((await plugin('rollback', 'gate')).stdout, new RegExp(`serves, active +\\(${short(first)}\\)`))
  const again = await plugin('rollback', 'gate')
  assert.deepEqual(
    [again.code, /ERR_DEPLOYMENT: nothing of the plugin gate served before/.test(again.stderr)],
    [1, true],
  )
})

test('options are shown, and changed without another version', async () => {
  const file = path.join(tempFolder({ 'c.yaml': 'n: 7', 'wrong.yaml': 'n: seven' }), 'c.yaml')
  assert.equal((await plugin('config', 'gate', file)).code, 0)
  assert.deepEqual(JSON.parse((await plugin('config', 'gate')).stdout), { n: 7 })
  const wrong = await plugin('config', 'gate', file.replace('c.yaml', 'wrong.yaml'))
  assert.deepEqual([wrong.code, /ERR_PLUGIN_CONFIG/.test(wrong.stderr)], [1, true])
  assert.deepEqual(JSON.parse((await plugin('config', 'gate')).stdout), { n: 7 })
})

test('nothing is promoted that is not tried, and a plugin is deleted when that is said', async () => {
  assert.match(
    (await plugin('promote', 'gate')).stderr,
    /ERR_DEPLOYMENT: no version of the plugin gate is tried/,
  )
  assert.equal((await plugin('delete', 'gate')).code, 2)
  assert.equal((await plugin('delete', 'gate', '--yes')).code, 0)
  assert.equal((await plugin('config', 'gate')).code, 1)
})
