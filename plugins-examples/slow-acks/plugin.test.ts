import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

/** Sends a message of QoS 1. */
const publish = (packetId: number) =>
  ({ cmd: 'publish', topic: 'a', qos: 1, retain: false, dup: false, packetId }) as const

suite('slow-acks', () => {
  let plugin: LoadedPlugin
  before(async () => {
    // whatever it measures is slow enough
    plugin = await loadPlugin(import.meta.dirname, { config: { slowMs: 1 } })
  })
  after(() => plugin.close())

  test('a message that was acknowledged late is a warning, once', async () => {
    await plugin.onMqttPacketSent({ packet: publish(7) })
    const late = Date.now() + 5
    while (Date.now() < late) await new Promise((resolve) => setTimeout(resolve, 1))
    const ack = { packet: { cmd: 'puback', packetId: 7, reasonCode: 0 } } as const
    const { logs } = await plugin.onMqttPacketReceived(ack)
    assert.deepEqual(
      [logs[0]?.level, logs[0]?.text, logs[0]?.fields?.['packetId']],
      ['warn', 'slow acknowledgement', 7],
    )
    assert.deepEqual((await plugin.onMqttPacketReceived(ack)).logs, [])
  })

  test('a new session forgets what the old one waited for', async () => {
    await plugin.onMqttPacketSent({ packet: publish(8) })
    await plugin.onMqttPacketReceived({ packet: { cmd: 'connack', sessionPresent: false, reasonCode: 0 } })
    const { logs } = await plugin.onMqttPacketReceived({
      packet: { cmd: 'puback', packetId: 8, reasonCode: 0 },
    })
    assert.deepEqual(logs, [])
  })
})
