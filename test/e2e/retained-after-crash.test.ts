import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { crashImage } from '../support/crash-image.ts'
import { RawClient } from '../support/raw-client.ts'
import { dataFolder } from '../support/sqlite-engine.ts'

const QUOTAS = { retainedMessages: 2, retainedBytes: 1000 }

/** Whether it was refused for want of room. */
async function isOver(client: RawClient, topic: string, payload: string): Promise<boolean> {
  client.publish({ topic, payload, qos: 1, messageId: 1, retain: true })
  return (await client.expect('puback')).reasonCode === 0x97
}

test('what was retained before a crash counts in the tenant’s quotas after it [MQTT 5.0, 4.13]', async () => {
  const data = dataFolder()
  const before = await startBroker({ anonymous: true, data, quotas: QUOTAS })
  const publisher = await RawClient.connect(before.port)
  await isOver(publisher, 'a', 'x'.repeat(900))
  const after = await startBroker({ anonymous: true, data: crashImage(data), quotas: QUOTAS })
  const again = await RawClient.connect(after.port)
  assert.equal(await isOver(again, 'b', 'y'.repeat(200)), true, 'bytes')
  assert.equal(await isOver(again, 'b', 'y'), false)
  assert.equal(await isOver(again, 'c', 'y'), true, 'messages')
  assert.equal(await isOver(again, 'a', ''), false, 'what makes room is welcome')
  assert.equal(await isOver(again, 'c', 'y'), false)
})
