import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

let plugin: LoadedPlugin
before(async () => {
  plugin = await loadPlugin(import.meta.dirname)
})
after(() => plugin.close())

test('a packet is a line at debug level: whose, which way, and its header', async () => {
  const packet = { cmd: 'puback', packetId: 7, reasonCode: 0 } as const
  const received = await plugin.onMqttPacketReceived({ client: { clientId: 'c1' }, packet })
  const sent = await plugin.onMqttPacketSent({ client: { clientId: 'c1' }, packet })
  const fields = { packetId: 7, reasonCode: 0 }
  assert.deepEqual(
    [...received.logs, ...sent.logs],
    [
      { level: 'debug', text: 'c1 <-in-- puback', fields },
      { level: 'debug', text: 'c1 -out-> puback', fields },
    ],
  )
})
