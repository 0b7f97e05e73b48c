import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LISTENER_MQTT_SCHEMA, MQTT_SCHEMA } from '../../../src/config/mqtt-schema.ts'
import { ConfigFolder } from './config-folder.ts'

/** By the standard's name where it has one, otherwise by mosquitto's. */
const NAMES = `receiveMaximum topicAliasMaximum maximumPacketSize maximumQos retainAvailable serverKeepAlive
  sessionExpiryIntervalMax wildcardSubscriptionAvailable sharedSubscriptionAvailable
  subscriptionIdentifiersAvailable maxInflightMessages maxInflightBytes maxQueuedMessages maxQueuedBytes
  messageSizeLimit maxKeepalive allowZeroLengthClientid autoIdPrefix acceptProtocolVersions
  upgradeOutgoingQos queueQos0Messages globalMaxClients globalMaxConnections`.split(/\s+/)
/** Which neither has. */
const OWN = ['connectTimeoutSec', 'onRefusedPublish']

const folder = new ConfigFolder()

function keysOf(schema: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(schema['properties'] ?? {})
}

describe('the keys of mqtt:', () => {
  it('are a closed list', () => {
    assert.deepEqual(keysOf(MQTT_SCHEMA).toSorted(), [...NAMES, ...OWN].toSorted())
    assert.equal(MQTT_SCHEMA['additionalProperties'], false)
  })

  it('which a listener may have of its own have no default there: those for all hold', () => {
    const { properties } = LISTENER_MQTT_SCHEMA as { properties: Readonly<Record<string, object>> }
    for (const [name, schema] of Object.entries(properties)) {
      assert.ok(keysOf(MQTT_SCHEMA).includes(name), name)
      assert.ok(!('default' in schema), name)
    }
  })

  for (const [written, why] of [
    ['receiveMaximum: 0', 'mqtt.receiveMaximum: expected a number from 1 to 65535, got 0'],
    ['maxQueuedMessages: 0', 'mqtt.maxQueuedMessages: expected a number of at least 1, got 0'],
    [
      'messageSizeLimit: 1GiB',
      'expected unlimited, or a size such as 65536, 64KiB, 10MiB or 1GiB from 1 to 268435455',
    ],
    ['globalMaxClients: -1', 'mqtt.globalMaxClients: expected a number of at least 1, got -1'],
    ['acceptProtocolVersions: []', 'mqtt.acceptProtocolVersions: expected at least 1 in the list'],
    ['acceptProtocolVersions: [2]', 'mqtt.acceptProtocolVersions.0: expected 3, 4 or 5, got 2'],
    ['acceptProtocolVersions: [4, 4]', 'mqtt.acceptProtocolVersions: expected each one once in the list'],
    ['acceptProtocolVersions: "5.0"', 'expected a list of 3, 4 and 5 such as "3,4", got the text "5.0"'],
    ['autoIdPrefix: "a/#"', 'expected at most 64 characters without +, # and control characters'],
    ['maxKeepAlive: 60', 'unknown key "maxKeepAlive"; did you mean "maxKeepalive"?'],
  ] as const) {
    it(`refuse ${written}, and say what they expect`, async () => {
      await assert.rejects(folder.load(`anonymous: true\nmqtt: { ${written} }`), (error: Error) => {
        assert.ok(error.message.includes(why), error.message)
        return true
      })
    })
  }
})
