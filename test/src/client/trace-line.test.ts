import assert from 'node:assert/strict'
import { it } from 'node:test'
import { traceLine } from '../../../src/client/trace-line.ts'

it("a packet is one line in mosquitto's words", () => {
  const publish = { cmd: 'publish', dup: false, retain: true, topic: 'home/a', payload: 'hello' } as const
  assert.deepEqual(
    [
      traceLine({ ...publish, qos: 1, messageId: 7 }),
      traceLine({ cmd: 'puback', messageId: 7, reasonCode: 0x87 }),
      traceLine({ cmd: 'subscribe', messageId: 8, subscriptions: [{ topic: 'a/#', qos: 2 }] }),
      traceLine({ cmd: 'suback', messageId: 8, granted: [2, 128] }),
      traceLine({ cmd: 'connack', sessionPresent: false, returnCode: 5 }),
      traceLine({ cmd: 'pingreq' }),
    ],
    [
      "PUBLISH (d0, q1, r1, m7, 'home/a', ... (5 bytes))",
      'PUBACK (Mid: 7, RC:135)',
      'SUBSCRIBE (Mid: 8, Topic: a/#, QoS: 2)',
      'SUBACK (Mid: 8): 2, 128',
      'CONNACK (5)',
      'PINGREQ',
    ],
  )
})
