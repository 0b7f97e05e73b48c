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
  tickets.whenSafe(() => said.push('at once'))
  assert.equal(said.at(-1), 'at once')
})

test('what was written in one turn has one ticket, settled when it is safe', async (context) => {
  const { stage, tickets, said } = await opened(context)
  stage.write('a')
  const first = tickets.now()
  stage.write('b')
  assert.ok(first > 0)
  assert.equal(tickets.now(), first)
  assert.deepEqual(said, [])
  await stage.safe()
  assert.deepEqual(said, [first])
})

test('what is written later has a higher one, settled later', async (context) => {
  const { stage, tickets, said } = await opened(context)
  stage.write('a')
  const first = tickets.now()
  await stage.safe()
  stage.write('b')
  const second = tickets.now()
  assert.ok(second > first)
  assert.deepEqual(said, [first])
  await stage.safe()
  assert.deepEqual(said, [first, second])
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
  assert.deepEqual(said.slice(1), ['first', 'second', 'asked by the first'])
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
