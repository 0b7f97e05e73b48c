import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imported } from './imported.ts'

describe("an aMQTT broker's config, translated", () => {
  it('of the modern form has the bundled plugins, the listeners and the interval of $SYS', () => {
    const { config } = imported(`
listeners:
  default: { type: tcp, bind: "0.0.0.0:1883" }
plugins:
  amqtt.plugins.logging_amqtt.EventLoggerPlugin:
  amqtt.plugins.authentication.AnonymousAuthPlugin: { allow_anonymous: false }
  amqtt.plugins.sys.broker.BrokerSysPlugin: { sys_interval: 7 }
`)
    assert.deepEqual(config, {
      listeners: { default: { type: 'tcp', bind: '0.0.0.0:1883' } },
      sys: { intervalSec: 7 },
      plugins: { 'bulkhead/event-logger': null, 'bulkhead/auth-anonymous': { allow_anonymous: false } },
    })
  })

  it('of the older form has those plugins that are asked, and the loggers', () => {
    const { config, notes } = imported(`
listeners: { default: { type: tcp, bind: "0.0.0.0:1883" } }
sys_interval: 20
auth: { plugins: [auth_anonymous], allow-anonymous: true }
topic-check: { enabled: False }
`)
    assert.deepEqual(config['plugins'], {
      'bulkhead/event-logger': null,
      'bulkhead/packet-logger': null,
      'bulkhead/auth-anonymous': { allow_anonymous: true },
    })
    assert.deepEqual(config['sys'], { intervalSec: 20 })
    assert.equal(config['topicDefault'], undefined)
    assert.match(notes.join('\n'), /the older form loads every plugin/)
  })

  it('without plugins has those that aMQTT loads then', () => {
    const { config } = imported('{}')
    assert.deepEqual(Object.keys(config['plugins'] ?? {}), [
      'bulkhead/event-logger',
      'bulkhead/packet-logger',
      'bulkhead/auth-anonymous',
    ])
    assert.deepEqual(config['sys'], { intervalSec: 20 })
  })

  it('names each difference with its place, in the YAML and beside it, and drops nothing silently', () => {
    const { notes, yaml, config } = imported(
      'timeout-disconnect-delay: 2\nsession_expiry_interval: 60\n' +
        'whatever: 1\nplugins: []\nauth: {}\nmax-qos: 1',
    )
    assert.deepEqual(notes.slice(0, 4), [
      'a.yaml:1:1 timeout-disconnect-delay: NOT TRANSLATED: ' +
        'a client is silent for one and a half times its keep alive before it is disconnected',
      'a.yaml:2:1 session_expiry_interval: ' +
        'is the most that a client can ask for here; there it is how long every session is kept',
      'a.yaml:3:1 whatever: NOT TRANSLATED: it is no key of a broker there',
      'a.yaml:5:1 auth: has no effect there beside "plugins", and is left out',
    ])
    for (const note of notes) assert.ok(yaml.includes(`# ${note}\n`), note)
    assert.deepEqual([config['quotas'], config['mqtt']], [{ sessionExpirySec: 60 }, { maximumQos: 1 }])
  })
})
