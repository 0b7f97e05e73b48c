import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartGate, startsAtOnce } from '../../../../sandbox/host/cells/start-gate.ts'

test('as many start at once as there are cores, within bounds', () => {
  assert.deepEqual([1, 2, 8, 1000].map(startsAtOnce), [2, 2, 8, 16])
})

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
