import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { loadPlugin } from '../../sandbox/test-kit.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { tempFolder } from '../support/temp-folder.ts'

const page = readFileSync(path.join(import.meta.dirname, '../../plugins-examples/MIGRATING.md'), 'utf8')

/** The page's code in one language, of which there is one block. */
function block(language: string): string {
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))]
  assert.equal(blocks.length, 1, language)
  return blocks[0]?.[1] ?? ''
}

const folder = tempFolder({ 'mine/house/plugin.ts': block('ts'), 'broker.yaml': block('yaml') })

test('the plugin that the page ports is loaded by the name that it has there, and decides the same', async () => {
  const { config } = await loadConfig(path.join(folder, 'broker.yaml'), {})
  const [plugin] = config.tenants[0]?.plugins ?? []
  assert.deepEqual([plugin?.path, plugin?.exportName], [path.join(folder, 'mine/house'), 'Gate'])
  const gate = await loadPlugin(path.join(folder, 'mine/house'), { config: { ...plugin?.options } })
  const admitted = async (username?: string): Promise<unknown> =>
    (await gate.authenticate(username === undefined ? {} : { username })).verdict?.verdict
  assert.deepEqual(
    [await admitted('ann'), await admitted('eve'), await admitted()],
    ['allow', 'deny', 'abstain'],
  )
  const may = async (action: 'publish' | 'subscribe', topic: string): Promise<unknown> =>
    (await gate.topicFiltering({ action, topic, client: { principal: 'ann' } })).verdict?.verdict
  assert.deepEqual(
    [await may('publish', 'home/ann/x'), await may('publish', 'home/bob/x'), await may('subscribe', '#')],
    ['allow', 'deny', 'allow'],
  )
  const { logs } = await gate.onBrokerClientConnected({ client: { clientId: 'c1' } })
  assert.equal(logs[0]?.text, 'hello c1')
  await gate.close()
})

test('the page’s package.json is one that a project may have', () => {
  assert.deepEqual(Object.keys(parse(block('json')) as object), ['bulkhead'])
})
