import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { test } from 'node:test'
import { FairTurns } from '../../../src/base/fair-turns.ts'

/** Runs work that must be taken. */
async function run<Result>(turns: FairTurns, owner: string, work: () => Result): Promise<Result> {
  const taken = turns.run(owner, work)
  assert.ok(taken !== undefined, 'there is room for it')
  return taken
}

test('nothing is done within the call, and every result comes back to who asked', async () => {
  const turns = new FairTurns(1000, 10)
  let done = 0
  const results = [1, 2, 3].map((number) => run(turns, 'acme', () => (done += number)))
  assert.equal(done, 0)
  assert.deepEqual(await Promise.all(results), [1, 3, 6])
})

test('who asks for much waits behind who asks for little', async () => {
  const turns = new FairTurns(1000, 100)
  const order: string[] = []
  const waits = ['loud', 'loud', 'loud', 'quiet', 'third'].map((owner) =>
    run(turns, owner, () => order.push(owner)),
  )
  await Promise.all(waits)
  assert.deepEqual(order, ['loud', 'quiet', 'third', 'loud', 'loud'])
})

test('with its time used up a turn ends, and the rest is done in later ones', async () => {
  const turns = new FairTurns(0, 100)
  let done = 0
  for (const _ of [1, 2, 3]) void run(turns, 'acme', () => (done += 1))
  const seen: number[] = []
  while (seen.at(-1) !== 3) {
    await nextTurn()
    seen.push(done)
  }
  assert.deepEqual([...new Set(seen.filter((count) => count > 0))], [1, 2, 3])
})

test('what waits has a bound for each owner', async () => {
  const turns = new FairTurns(1000, 2)
  const results = [1, 2].map((number) => run(turns, 'acme', () => number))
  assert.equal(
    turns.run('acme', () => 3),
    undefined,
  )
  assert.notEqual(
    turns.run('globex', () => 4),
    undefined,
  )
  assert.deepEqual(await Promise.all(results), [1, 2])
  assert.equal(await turns.run('acme', () => 5), 5)
})

test('work that throws fails for who asked, and for nobody else', async () => {
  const turns = new FairTurns(1000, 10)
  const fails = turns.run('acme', () => {
    throw new Error('no')
  })
  const works = turns.run('acme', () => 'yes')
  await assert.rejects(async () => fails, /no/)
  assert.equal(await works, 'yes')
})

test('at the end all that waits is done within the call, owners still taking turns', async () => {
  const turns = new FairTurns(0, 100)
  const order: string[] = []
  const waits = ['loud', 'loud', 'quiet'].map((owner) => run(turns, owner, () => order.push(owner)))
  assert.equal(turns.isIdle, false)
  turns.finish()
  assert.equal(turns.isIdle, true)
  assert.deepEqual(order, ['loud', 'quiet', 'loud'])
  await Promise.all(waits)
  assert.equal(order.length, 3)
})
