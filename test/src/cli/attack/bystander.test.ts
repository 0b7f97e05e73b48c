import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bystander, urlOptions } from '../../../../src/cli/attack/bystander.ts'
import { setStage } from '../../../../src/cli/attack/stage.ts'
import { openConnection } from '../../../../src/client/connection.ts'
import { startBroker } from '../../../support/broker.ts'

// a loaded machine must not look like a slow plugin
const stage = await setStage([], { limits: { softMs: 500, wallMs: 2000 } })
const { url } = await startBroker(stage.config)
test.after(() => stage.strike())

test('one who is served has nothing to complain of', async () => {
  const bystander = await Bystander.connect(url)
  const { rounds, p50Ms, p99Ms, worstMs, complaints } = await bystander.testify(10)
  assert.ok(rounds >= 10)
  assert.ok(p50Ms > 0 && p50Ms <= p99Ms && p99Ms <= worstMs)
  assert.deepEqual(complaints, [])
  assert.deepEqual((await bystander.leave()).complaints, [])
})

test('a message that is none of its own is a complaint', async () => {
  const bystander = await Bystander.connect(url)
  const intruder = await openConnection(
    { ...urlOptions(url), username: 'bystander:intruder', protocolVersion: 5 },
    { address: url },
  )
  await intruder.publish('open', Buffer.from('forged'), { qos: 1 })
  const { complaints } = await bystander.leave()
  assert.match(complaints.join('\n'), /got "open": "forged"/)
  await intruder.end()
})

test('to be disconnected is a complaint, and no reason to wait', async () => {
  const bystander = await Bystander.connect(url)
  // takes over the session of the publisher
  const other = await openConnection(
    { ...urlOptions(url), username: 'bystander:somebody', clientId: 'publisher', protocolVersion: 5 },
    { address: url },
  )
  const { complaints } = await bystander.testify(1_000_000)
  assert.match(complaints.join('\n'), /the bystander was disconnected: .*taken over/)
  await bystander.leave()
  await other.end()
})
