import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imported } from './imported.ts'

describe("aMQTT's older form", () => {
  it('gives each plugin that is asked its own options of the section', () => {
    const { config, notes } = imported(`
auth: { plugins: [auth_file, gate], password-file: ./passwd, gate-option: 1 }
topic-check: { enable: True, plugins: [topic_acl], acl: [{ ann: [a] }] }
`)
    assert.deepEqual(config['plugins'], {
      'bulkhead/event-logger': null,
      'bulkhead/packet-logger': null,
      'bulkhead/auth-file': { password_file: './passwd' },
      './plugins/gate': null,
      'bulkhead/topic-acl': { acl: { ann: ['a'] } },
    })
    assert.equal(config['topicDefault'], 'deny')
    assert.match(
      notes.join('\n'),
      /a\.yaml:2:30 auth\.plugins\.1: is your own: port it .* \.\/plugins\/gate;/,
    )
    assert.match(notes.join('\n'), /auth: NOT TRANSLATED: gate_option/)
  })

  it('asks all that can be asked where the list is absent, and nobody where it is empty', () => {
    const { config } = imported('auth: {}\ntopic-check: { enabled: true, plugins: [] }')
    assert.deepEqual(Object.keys(config['plugins'] ?? {}).slice(2), [
      'bulkhead/auth-anonymous',
      'bulkhead/auth-file',
    ])
    assert.equal(config['topicDefault'], 'deny')
  })
})
