import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CallBudget } from '../../../../sandbox/host/capabilities/call-budget.ts'

it('a place is free again however a call ends', async () => {
  const budget = new CallBudget('fetches', 1, 3)
  const { promise, resolve } = Promise.withResolvers<string>()
  const first = budget.run(0, () => promise)
  await assert.rejects(
    budget.run(0, () => Promise.resolve('second')),
    { code: 'limit' },
  )
  assert.equal(budget.underWay, 1)
  resolve('first')
  assert.equal(await first, 'first')
  await assert.rejects(
    budget.run(0, () => Promise.reject(new Error('failed'))),
    { message: 'failed' },
  )
  await assert.rejects(
    budget.run(0, () => {
      throw new Error('threw')
    }),
    { message: 'threw' },
  )
  assert.equal(budget.underWay, 0)
})

it('a second has so many, and the next as many again', async () => {
  const budget = new CallBudget('fetches', 1, 3)
  for (let index = 0; index < 3; index += 1) await budget.run(500, () => Promise.resolve())
  await assert.rejects(
    budget.run(999, () => Promise.resolve()),
    { code: 'limit' },
  )
  await budget.run(1000, () => Promise.resolve())
})
