import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadConfig } from '../../../src/config/load-config.ts'
import { showConfig } from '../../../src/config/show-config.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('gate', 'token')

async function shown(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  return showConfig(await folder.load(yaml, env)).replaceAll(`${folder.path}/`, '')
}

describe('the shown config', () => {
  it('says of every value where it comes from', async () => {
    const text = await shown('mqtt:\n  maximumQos: 1\n', { BULKHEAD_MQTT__RECEIVEMAXIMUM: '7' })
    assert.match(text, /^ {2}maximumQos: 1 # broker\.yaml:2:15$/m)
    assert.match(text, /^ {2}receiveMaximum: 7 # BULKHEAD_MQTT__RECEIVEMAXIMUM$/m)
    assert.match(text, /^ {2}retainAvailable: true # default$/m)
    assert.match(text, /^ {2}connections: unlimited # default$/m)
  })

  it('is a config, and means the same', async () => {
    const yaml =
      'anonymous: true\nlisteners: { a: { type: tcp, bind: "h:1" } }\nplugins: { ./gate: { a: {}, b: [] } }'
    const { config } = await folder.load(yaml)
    assert.deepEqual((await folder.load(await shown(yaml))).config, config)
  })

  it('masks secrets: by key, from the environment, from a file, and what a plugin calls secret', async () => {
    folder.write('s.txt', 'from a file')
    const loaded = await folder.load(
      `plugins:
  ./gate: { password: in clear, deep: { x: "a\${S}", yTokenFile: s.txt }, pin: 1234, user: alice }
`,
      { S: 'from the environment' },
    )
    const text = showConfig(loaded, (at) => at.endsWith('/pin'))
    for (const secret of ['in clear', 'from the environment', 'from a file', '1234'])
      assert.ok(!text.includes(secret))
    assert.match(text, /user: alice/)
    assert.equal(text.match(/"\*{8}"/g)?.length, 4)
  })

  it("masks all of a plugin's secrets, whatever they are called", async () => {
    const yaml = 'plugins: { gate: { use: ./gate, config: { a: b }, secrets: { key: in clear } } }'
    const text = await shown(yaml)
    assert.ok(!text.includes('in clear'))
    assert.match(text, /key: "\*{8}"/)
  })

  it('does not take the name of a plugin for that of a secret', async () => {
    assert.match(await shown('plugins: { ./token: { a: visible } }'), /a: visible/)
  })

  it('of the demo says that it is built in', async () => {
    assert.match(showConfig(await loadConfig(undefined, {})), /anonymous: true # built in/)
  })
})
