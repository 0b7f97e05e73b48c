import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imported } from './imported.ts'

describe("aMQTT's plugins", () => {
  it('may be a map, or a list of names and of maps; hyphens of options are underscores', () => {
    const { config } = imported(`
plugins:
  - amqtt.plugins.topic_checking.TopicTabooPlugin
  - amqtt.plugins.authentication.AnonymousAuthPlugin: { allow-anonymous: true }
  - amqtt.plugins.topic_checking.TopicAccessControlListPlugin:
      publish-acl: [{ ann: [a/#] }, { bob: [b] }]
      acl: { ann: ["#"] }
`)
    assert.deepEqual(config['plugins'], {
      'bulkhead/topic-taboo': null,
      'bulkhead/auth-anonymous': { allow_anonymous: true },
      'bulkhead/topic-acl': { publish_acl: { ann: ['a/#'], bob: ['b'] }, acl: { ann: ['#'] } },
    })
  })

  it('are granted what they need to do the same', () => {
    const { config } = imported(`
plugins:
  amqtt.plugins.authentication.FileAuthPlugin: { password-file: /etc/passwd-mqtt }
  amqtt.contrib.http.UserAuthHttpPlugin: { host: auth.example, port: 8443 }
  amqtt.contrib.http.TopicAuthHttpPlugin: { host: acl.example, port: 8443 }
`)
    assert.deepEqual(config['allow'], {
      password: true,
      fetch: { hosts: ['auth.example:8443', 'acl.example:8443'] },
    })
  })

  it('that are somebody’s own, or unknown, keep their names, so that nothing starts without them', () => {
    const { config, notes } = imported(`
plugins:
  mine.gate.Gate: { a-b: 1 }
  amqtt.plugin.authentication.FileAuthPlugin:
`)
    assert.deepEqual(config['plugins'], {
      'mine.gate.Gate': { 'a-b': 1 },
      'amqtt.plugin.authentication.FileAuthPlugin': null,
    })
    assert.match(notes.join('\n'), /a\.yaml:3:3 .*port it to TypeScript, in the folder \.\/mine\/gate;/)
    assert.match(notes.join('\n'), /did you mean "amqtt\.plugins\.authentication\.FileAuthPlugin"/)
  })
})
