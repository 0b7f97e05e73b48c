import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { pluginFolder } from '../../../support/plugin-folder.ts'
import { bulkhead } from '../bulkhead.ts'

const AMQTT = `---
listeners:
  default: { type: tcp, bind: 127.0.0.1:1883, max-connections: 20 }
plugins:
  amqtt.plugins.logging_amqtt.EventLoggerPlugin:
  amqtt.plugins.topic_checking.TopicAccessControlListPlugin:
    acl:
      - ann: ["calendar/#"]
`

describe('import-amqtt', () => {
  it('prints a config that passes `check`, and on stderr what differs', async (t) => {
    const folder = await pluginFolder(t, { 'amqtt.yaml': AMQTT })
    const { code, stdout, stderr } = await bulkhead(['import-amqtt', `${folder}/amqtt.yaml`])
    assert.equal(code, 0)
    assert.match(stderr, /^a PUBLISH that is refused is acknowledged there/m)
    await writeFile(`${folder}/broker.yaml`, stdout)
    const checked = await bulkhead(['check', '-c', `${folder}/broker.yaml`])
    assert.match(checked.stdout, /broker\.yaml: OK\n$/)
  })

  it('names what is wrong with the file itself', async (t) => {
    const folder = await pluginFolder(t, { 'amqtt.yaml': 'a: [' })
    const { code, stderr } = await bulkhead(['import-amqtt', `${folder}/amqtt.yaml`])
    assert.equal(code, 1)
    assert.match(stderr, /ERR_CONFIG_SYNTAX:\n? *.*amqtt\.yaml:1:5/)
  })
})
