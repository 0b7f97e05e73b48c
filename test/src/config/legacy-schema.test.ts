import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()

it("mistakes in the keys of aMQTT's older form are named with their places", async () => {
  const yaml = 'pluginNamespace: 7\nauth: { plugins: auth_file }\ntopic-check: { enabled: on }'
  assert.deepEqual(await folder.mistakes(yaml), [
    'broker.yaml:1:18 pluginNamespace: expected a text, got 7',
    'broker.yaml:2:18 auth.plugins: expected a list, got the text "auth_file"',
    'broker.yaml:3:25 topic-check.enabled: expected true or false, got the text "on"',
  ])
})
