import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Ticket } from '../../../../src/engine/engine.ts'
import { Operation } from '../../../../src/engine/sqlite/operations.ts'
import { Store } from '../../../../src/engine/sqlite/store.ts'
import { Tickets } from '../../../../src/engine/sqlite/tickets.ts'
import { dataFolder } from '../../../support/sqlite-engine.ts'
import { eventually } from '../../../support/processes.ts'

test('tickets are settled in their order, once a batch, and each behind what it stands for', async () => {
  const settled: Ticket[] = []
  const store = new Store(dataFolder(), 'os', {
    session: () => undefined,
    retained: () => undefined,
    settled: () => tickets.committed(),
    troubled: () => undefined,
  })
  const tickets = new Tickets(store, (upTo) => void settled.push(upTo))
  await store.open()
  const write = (): void => void store.begin().u8(Operation.clearRetained).text('acme').text('t')
  assert.equal(tickets.now(), 0)
  assert.equal(
    tickets.of((done) => done()),
    0,
  )
  const first = tickets.of((done) => {
    write()
    done()
  })
  const finish: (() => void)[] = []
  const slow = tickets.of((done) => void finish.push(done))
  write()
  const last = tickets.now()
  assert.deepEqual([first, slow, last], [1, 2, 3])
  await eventually(() => store.lastSafe === store.lastWritten)
  assert.deepEqual(settled, [first], 'what is under way holds back what is behind it')
  finish[0]?.()
  assert.deepEqual(settled, [first, last])
  await store.close()
})
