import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { loadClientConfig } from '../../../src/config/load-client-config.ts'
import { tempFolder } from '../../support/temp-folder.ts'

/** The samples of aMQTT's documentation, as they stand there. */
const DEFAULTS = `---
keep_alive: 10
ping_delay: 1
default_qos: 0
default_retain: false
auto_reconnect: true
connection_timeout: 60
reconnect_retries: 2
reconnect_max_interval: 10
cleansession: true
broker:
  uri: "mqtt://127.0.0.1"
plugins:
  amqtt.plugins.logging_amqtt.PacketLoggerPlugin:
`
const LARGER = `
keep_alive: 10
ping_delay: 1
default_qos: 0
default_retain: false
auto_reconnect: true
reconnect_max_interval: 5
reconnect_retries: 10
topics:
   topic/subtopic:
    qos: 0
   topic/other:
     qos: 2
     retain: true
will:
   topic: will/messages
   message: "it is gone"
   qos: 1
   retain: false
broker:
   uri: 'mqtt://localhost:1883'
plugins:
  - amqtt.plugins.logging_amqtt.PacketLoggerPlugin
`

const folder = tempFolder({
  'defaults.yaml': DEFAULTS,
  'larger.yaml': LARGER,
  'amqtt/plugins/logging_amqtt/plugin.ts': 'export default {}',
  'wrong.yaml':
    'keep_aliv: 10\nwill:\n  topic: a\ntopics:\n  a: { qos: 3 }\nconnection: { uri: "${NOWHERE}" }\n',
  'secret.yaml': 'username: alice\npassword: "${PASSWORD}"\n',
  'list.yaml': '- a\n',
})
const at = (name: string): string => path.join(folder, name)

it("aMQTT's samples load as they are, with the plugin's folder beside them", async () => {
  const [defaults, larger] = await Promise.all([
    loadClientConfig(at('defaults.yaml')),
    loadClientConfig(at('larger.yaml')),
  ])
  const plugin = { path: at('amqtt/plugins/logging_amqtt'), exportName: 'PacketLoggerPlugin' }
  for (const { plugins } of [defaults, larger]) {
    assert.deepEqual(
      plugins.map(({ path: folderOf, exportName }) => ({ path: folderOf, exportName })),
      [plugin],
    )
  }
  const { plugins: _, ...rest } = defaults
  const { plugins: __, ...byDefault } = await loadClientConfig()
  assert.deepEqual(rest, byDefault)
  assert.deepEqual(larger.will, {
    topic: 'will/messages',
    message: 'it is gone',
    qos: 1,
    retain: false,
  })
  assert.deepEqual(
    [...larger.publishing.topics],
    [
      ['topic/subtopic', { qos: 0, retain: false }],
      ['topic/other', { qos: 2, retain: true }],
    ],
  )
  assert.deepEqual([larger.broker.host, larger.broker.port], ['localhost', 1883])
})

it('mistakes are named with their places, and the nearest key', async () => {
  await assert.rejects(loadClientConfig(at('wrong.yaml'), {}), {
    code: 'ERR_CONFIG_INVALID',
    message: [
      `${at('wrong.yaml')}:1:1 unknown key "keep_aliv"; did you mean "keep_alive"?`,
      `${at('wrong.yaml')}:2:1 will: the key "message" is missing`,
      `${at('wrong.yaml')}:5:13 topics.a.qos: expected 0, 1 or 2, got 3`,
      `${at('wrong.yaml')}:6:20 connection.uri: the environment variable NOWHERE is not set`,
      `${at('wrong.yaml')}:6:20 connection.uri: expected a text of 1 to 65535 characters`,
    ].join('\n'),
  })
})

it('a password comes from the environment, and is in no message', async () => {
  const env = { PASSWORD: 'hush' }
  assert.equal((await loadClientConfig(at('secret.yaml'), env)).password, 'hush')
  await assert.rejects(loadClientConfig({ password: ['hush'] }, {}), {
    message: /^password: expected a text of/,
  })
})

it('what is no map, or not there, is said', async () => {
  await assert.rejects(loadClientConfig(at('list.yaml')), { code: 'ERR_CONFIG_INVALID' })
  await assert.rejects(loadClientConfig(at('none.yaml')), { code: 'ERR_CONFIG_READ' })
})
