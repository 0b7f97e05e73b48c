import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { boundedQuotas } from '../../../src/config/build-mqtt.ts'
import { DEFAULT_TENANT_QUOTAS, TENANT_QUOTAS } from '../../../src/config/quotas.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()

describe('mqtt: as it is written', () => {
  it('has its sizes as numbers, and Infinity where there is no bound', async () => {
    const { config } = await folder.load(
      'anonymous: true\nmqtt: { maximumPacketSize: 2KiB, messageSizeLimit: 1KiB, globalMaxClients: 7 }',
    )
    const { maximumPacketSize, messageSizeLimit, globalMaxClients, globalMaxConnections } = config.mqtt
    assert.deepEqual([maximumPacketSize, messageSizeLimit], [2048, 1024])
    assert.deepEqual([globalMaxClients, globalMaxConnections], [7, Infinity])
    assert.equal(config.mqtt.serverKeepAlive, undefined)
  })

  it('may be set by variables of the environment', async () => {
    const { config } = await folder.load('anonymous: true', {
      BULKHEAD_MQTT__SERVER_KEEP_ALIVE: '60',
      BULKHEAD_MQTT__ACCEPTPROTOCOLVERSIONS: '[5]',
      BULKHEAD_MQTT__MAX_QUEUED_BYTES: '1MiB',
    })
    const { serverKeepAlive, acceptProtocolVersions, maxQueuedBytes } = config.mqtt
    assert.deepEqual([serverKeepAlive, acceptProtocolVersions, maxQueuedBytes], [60, [5], 2 ** 20])
  })
})

describe('mqtt:', () => {
  it('is what a listener has, but for its own words', async () => {
    const { config } = await folder.load(
      'anonymous: true\nmqtt: { receiveMaximum: 7, autoIdPrefix: all- }\nlisteners:\n' +
        '  a: { type: tcp, bind: "h:1" }\n' +
        '  b: { type: tcp, bind: "h:2", mqtt: { receiveMaximum: 9, acceptProtocolVersions: "3,4" } }\n',
    )
    assert.deepEqual(
      config.listeners.map(({ mqtt }) => [
        mqtt.receiveMaximum,
        mqtt.autoIdPrefix,
        mqtt.acceptProtocolVersions,
      ]),
      [
        [7, 'all-', [3, 4, 5]],
        [9, 'all-', [3, 4]],
      ],
    )
  })

  it('bounds the packets and the QoS of every listener', async () => {
    const config = `
mqtt: { maximumQos: 1, maximumPacketSize: 1KiB }
listeners: { a: { type: tcp, bind: "h:1", mqtt: { maximumQos: 2, maximumPacketSize: 2KiB } } }
`
    await assert.rejects(folder.load(config), (error: Error) => {
      assert.match(error.message, /mqtt\.maximumQos: expected at most mqtt\.maximumQos, which is 1, got 2/)
      assert.match(error.message, /mqtt\.maximumPacketSize: expected at most .* 1024, got 2048/)
      return true
    })
  })

  it('bounds the quotas of every tenant: the smaller one holds, and is shown', async () => {
    const { config, effective } = await folder.load(`
mqtt: { maxInflightMessages: 20, maxInflightBytes: 1KiB, maxQueuedMessages: 50, maxQueuedBytes: 2KiB,
        sessionExpiryIntervalMax: 600 }
tenants:
  acme: { match: { usernamePrefix: "acme:" }, quotas: { queuedMessages: 10, queuedBytes: 1MiB } }
  default: { anonymous: true }
`)
    const bounded = config.tenants.map(({ quotas }) => [
      [quotas.inflightMessages, quotas.inflightBytes, quotas.sessionExpirySec],
      [quotas.queuedMessages, quotas.queuedBytes],
    ])
    assert.deepEqual(bounded, [
      [
        [20, 1024, 600],
        [10, 2048],
      ],
      [
        [20, 1024, 600],
        [50, 2048],
      ],
    ])
    const { acme } = effective['tenants'] as Record<string, { quotas: Record<string, unknown> }>
    assert.deepEqual([acme?.quotas['queuedMessages'], acme?.quotas['queuedBytes']], [10, 2048])
  })
})

describe('a quota', () => {
  it('that mqtt: does not bound is as it was', async () => {
    const { config } = await folder.load('anonymous: true')
    for (const quotas of [TENANT_QUOTAS, DEFAULT_TENANT_QUOTAS])
      assert.deepEqual(boundedQuotas(quotas, config.mqtt), quotas)
  })
})
