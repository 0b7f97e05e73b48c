import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Ticket } from '../../../../src/engine/engine.ts'
import { Tickets } from '../../../../src/engine/sqlite/tickets.ts'
import { openedStore, type RecordedStore } from '../../../support/recorded-store.ts'

interface Bench {
  readonly stage: RecordedStore
  readonly tickets: Tickets
  /** What was said, in its order. */
  readonly said: (Ticket | string)[]
}

function notBegun(): void {
  assert.fail('the work has not begun')
}

async function opened(context: TestContext): Promise<Bench> {
  const said: (Ticket | string)[] = []
  const stage = await openedStore(context)
  const tickets = new Tickets(stage.store, (upTo) => said.push(upTo))
  stage.onSettled = () => tickets.committed()
  return { stage, tickets, said }
}

test('where all that was written is safe there is nothing to wait for', async (context) => {
  const { stage, tickets, said } = await opened(context)
  assert.equal(tickets.now(), 0)
  stage.write('a')
  await stage.safe()
  assert.equal(tickets.now(), 0)
  assert.equal(
    tickets.of((done) => done()),
    0,
  )
  tickets.whenSafe(() => said.push('at once'))
  assert.deepEqual(said, ['at once'])
})

test('tickets of one batch are settled together, when it is safe', async (context) => {
  const { stage, tickets, said } = await opened(context)
  stage.write('a')
  assert.equal(tickets.now(), 1)
  stage.write('b')
  assert.equal(tickets.now(), 2)
  assert.deepEqual(said, [])
  await stage.safe()
  assert.deepEqual(said, [2])
})

test('a ticket stands for what its work writes, and for nothing where it writes nothing', async (context) => {
  const { stage, tickets, said } = await opened(context)
  stage.write('before')
  const idle = tickets.of((done) => done())
  const busy = tickets.of((done) => {
    stage.write('a')
    done()
  })
  assert.deepEqual([idle, busy], [0, 1])
  await stage.safe()
  assert.deepEqual(said, [1])
})

test('work that goes on is settled when it is done and what it wrote is safe', async (context) => {
  const { stage, tickets, said } = await opened(context)
  let finish = notBegun
  assert.equal(
    tickets.of((done) => (finish = done)),
    1,
  )
  stage.write('of others')
  assert.equal(tickets.now(), 2)
  await stage.safe()
  assert.deepEqual(said, [], 'settling goes in order: what follows waits')
  stage.write('at last')
  finish()
  assert.deepEqual(said, [], 'and what was written is not safe yet')
  await stage.safe()
  assert.deepEqual(said, [2])
})

test('work that ends without having written holds nobody longer', async (context) => {
  const { stage, tickets, said } = await opened(context)
  let finish = notBegun
  tickets.of((done) => (finish = done))
  stage.write('of others')
  tickets.now()
  await stage.safe()
  finish()
  assert.deepEqual(said, [2])
})

test('who asks for what is safe is told in the order of asking, whatever goes on', async (context) => {
  const { stage, tickets, said } = await opened(context)
  stage.write('a')
  tickets.whenSafe(() => {
    said.push('first')
    tickets.whenSafe(() => said.push('asked by the first'))
  })
  tickets.whenSafe(() => said.push('second'))
  assert.deepEqual(said, [])
  await stage.safe()
  assert.deepEqual(said, ['first', 'second', 'asked by the first'])
})

test('who asks while tickets are being settled comes behind who asked before', async (context) => {
  const said: string[] = []
  const stage = await openedStore(context)
  const tickets: Tickets = new Tickets(stage.store, () => tickets.whenSafe(() => said.push('late')))
  stage.onSettled = () => tickets.committed()
  stage.write('a')
  tickets.now()
  tickets.whenSafe(() => said.push('early'))
  await stage.safe()
  assert.deepEqual(said, ['early', 'late'])
})

test('who asks for what is safe does not wait for work that has not written yet', async (context) => {
  const { stage, tickets, said } = await opened(context)
  assert.equal(
    tickets.of(() => undefined),
    1,
  )
  stage.write('a')
  tickets.whenSafe(() => said.push('safe'))
  await stage.safe()
  assert.deepEqual(said, ['safe'])
})
