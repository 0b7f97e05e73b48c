import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { ManagedBroker } from '../../../support/managed-broker.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const managed = await ManagedBroker.start()
const env = managed.env(await managed.tenant('acme'))
const plugin = (...words: string[]) => bulkhead(['plugin', ...words], '', env)

test('a new plugin is built, uploaded, consented to and serves: from an empty folder', async () => {
  const folder = path.join(tempFolder({}), 'meters')
  await plugin('init', folder)
  const asked = await plugin('deploy', folder)
  assert.deepEqual(
    [asked.code, /asks for log: true/.test(asked.stderr), /--yes/.test(asked.stderr)],
    [2, true, true],
  )
  const { code, stdout, stderr } = await plugin('deploy', folder, '--yes')
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^meters 0\.1\.0 serves, active {2}\([0-9a-f]{12}\)\n$/)
  // the same again changes nothing that anybody would have to consent to
  assert.equal((await plugin('deploy', folder)).code, 0)
})

test('for a program the answer is JSON, and nothing else is said', async () => {
  const folder = tempFolder({
    'gate/plugin.ts': `import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })`,
  })
  const { stdout, stderr } = await plugin('deploy', path.join(folder, 'gate'), '--json')
  assert.deepEqual([(JSON.parse(stdout) as { state: string }).state, stderr], ['active', ''])
})

test('what does not build is not uploaded', async () => {
  const folder = tempFolder({ 'bad/plugin.ts': 'export default {' })
  const { code, stderr } = await plugin('deploy', path.join(folder, 'bad'))
  assert.deepEqual([code, /ERR_PLUGIN_BUILD/.test(stderr)], [1, true])
  assert.doesNotMatch((await plugin('list')).stdout, /bad/)
})
