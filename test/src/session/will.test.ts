import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TimerWheel } from '../../../src/base/timer-wheel.ts'
import { createMessage } from '../../../src/codec/message.ts'
import { PendingWill } from '../../../src/session/will.ts'
import { testClient } from '../../support/sessions.ts'

const message = createMessage({ topic: 'gone', payload: Buffer.from('bye'), qos: 1, retain: false })

test('a will waits its delay and is due once [MQTT-3.1.3-9]', () => {
  let now = 0
  const wheel = new TimerWheel(() => now)
  const will = new PendingWill(message, testClient('ann'), 5, undefined)
  let due = 0
  will.onDue = () => {
    due += 1
  }
  wheel.add(will, will.delaySec * 1000)
  now = 4999
  wheel.turn()
  assert.equal(due, 0)
  now = 6000
  wheel.turn()
  now = 60_000
  wheel.turn()
  assert.equal(due, 1)
})

test('a will that is cancelled before its delay has passed is never due [MQTT-3.1.3-9]', () => {
  let now = 0
  const wheel = new TimerWheel(() => now)
  const will = new PendingWill(message, testClient('ann'), 5, undefined)
  will.onDue = () => assert.fail('the client came back')
  wheel.add(will, 5000)
  wheel.cancel(will)
  now = 60_000
  wheel.turn()
  assert.equal(will.armed, false)
})
