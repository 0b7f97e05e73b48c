import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder('gate')

describe('BULKHEAD_ variables', () => {
  it('override what the file says, and one key of a default without the rest of it', async () => {
    const env = { BULKHEAD_LISTENERS__MQTT__BIND: '0.0.0.0:1', BULKHEAD_ANONYMOUS: 'true' }
    const { config, origins } = await folder.load('anonymous: false', env)
    assert.deepEqual(
      config.listeners.map(({ name, host }) => [name, host]),
      [
        ['mqtt', '0.0.0.0'],
        ['web', '127.0.0.1'],
      ],
    )
    assert.equal(config.tenants[0]?.anonymous, true)
    assert.equal(origins.get('/anonymous'), 'BULKHEAD_ANONYMOUS')
  })

  it('are read without regard to case and punctuation', async () => {
    const env = { BULKHEAD_MQTT__RECEIVE_MAXIMUM: '7', BULKHEAD_MQTT__MAXIMUMQOS: '1' }
    const { mqtt } = (await folder.load('', env)).config
    assert.deepEqual([mqtt.receiveMaximum, mqtt.maximumQos], [7, 1])
  })

  it('reach into what is named in the file, and take a text for a text', async () => {
    const yaml = 'tenants: { Acme-1: { match: { usernamePrefix: "a" } } }'
    const tenant = await folder.tenant(yaml, { BULKHEAD_TENANTS__ACME_1__MATCH__USERNAMEPREFIX: '007' })
    assert.equal(tenant.match?.usernamePrefix, '007')
  })

  it('that are wrong are named in the mistake', async () => {
    const env = { BULKHEAD_MQTT__RECEIVEMAXIMUM: 'many', BULKHEAD_MQQT__MAXIMUMQOS: '1' }
    assert.deepEqual(await folder.mistakes('', env), [
      'BULKHEAD_MQQT__MAXIMUMQOS no such key; did you mean "mqtt"?',
      'BULKHEAD_MQTT__RECEIVEMAXIMUM mqtt.receiveMaximum: expected an integer, got the text "many"',
    ])
  })

  it('that an orchestrator sets for a service of that name are left alone', async () => {
    const env = { BULKHEAD_PORT: 'tcp://10.0.0.1:1883', BULKHEAD_SERVICE_HOST: '10.0.0.1' }
    assert.equal((await folder.load('', env)).config.listeners.length, 2)
  })
})
