import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  CELL_STEPS,
  type CellEvent,
  type CellState,
  type Step,
} from '../../../../sandbox/host/cells/cell-state.ts'

const STATES = Object.keys(CELL_STEPS) as CellState[]
const EVENTS = Object.keys(CELL_STEPS.ready) as CellEvent[]

test('every state knows every event', () => {
  for (const state of STATES) assert.deepEqual(Object.keys(CELL_STEPS[state]), EVENTS)
})

test('whatever happens, a cell is killed once at most, and once stopped it only ends', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
      let state: CellState = 'starting'
      let kills = 0
      for (const event of events) {
        const stoppedBefore: boolean = state === 'stopped'
        const step: Step = CELL_STEPS[state][event]
        if (step.action === 'kill') kills += 1
        if (event === 'exited') assert.equal(step.action, 'bury')
        if (stoppedBefore)
          assert.ok(step.state === 'stopped' && (step.action === 'none' || event === 'exited'))
        state = step.state
      }
      assert.ok(kills <= 1)
    }),
  )
})

test('a cell announces itself once: with its first answer', () => {
  const announcing = STATES.flatMap((state) =>
    EVENTS.filter((event) => CELL_STEPS[state][event].action === 'announce').map((event) => [state, event]),
  )
  assert.deepEqual(announcing, [['starting', 'answered']])
})

test('an overdue cell that answers after all serves again', () => {
  assert.deepEqual(CELL_STEPS.ready.late, { state: 'overdue', action: 'excuse' })
  assert.equal(CELL_STEPS.overdue.answered.state, 'ready')
})
