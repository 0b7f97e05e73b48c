import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartGate } from '../../../../sandbox/host/cells/start-gate.ts'

test('as many starts run as the gate lets in, the others in order', () => {
  const gate = new StartGate(2)
  const started: string[] = []
  for (const name of ['a', 'b', 'c', 'd']) gate.enter(() => started.push(name))
  assert.deepEqual(started, ['a', 'b'])
  gate.leave()
  assert.deepEqual(started, ['a', 'b', 'c'])
  gate.leave()
  gate.leave()
  assert.deepEqual(started, ['a', 'b', 'c', 'd'])
})

test('who withdraws is not started', () => {
  const gate = new StartGate(1)
  const started: string[] = []
  const waiting = (): void => void started.push('waiting')
  gate.enter(() => started.push('first'))
  gate.enter(waiting)
  gate.withdraw(waiting)
  gate.leave()
  assert.deepEqual(started, ['first'])
})
