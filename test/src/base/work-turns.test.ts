import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Steps, WorkTurns } from '../../../src/base/work-turns.ts'
import { CountedTurns, endlessTurns } from '../../support/turns.ts'

/** So many steps, each of one unit, each noted under `name`. */
function* steps(name: string, count: number, done: string[]): Steps {
  for (let step = 0; step < count; step += 1) {
    done.push(name)
    yield 1
  }
}

/** What each of the next turns of the loop adds to `done`, until nothing more comes. */
async function turnByTurn(done: string[]): Promise<readonly (readonly string[])[]> {
  const turns: string[][] = []
  let seen = done.length
  for (let idle = 0; idle < 3; idle += 1) {
    await nextTurn()
    if (done.length === seen) continue
    turns.push(done.slice(seen))
    seen = done.length
    idle = 0
  }
  return turns
}

describe('work in steps', () => {
  test('is done where it comes up while there is time, in one go', () => {
    const done: string[] = []
    endlessTurns().run('acme', steps('a', 100, done))
    assert.equal(done.length, 100)
  })

  test('stops where the time is used up, and goes on turn by turn', async () => {
    const done: string[] = []
    new CountedTurns(3).run('acme', steps('a', 8, done))
    assert.equal(done.length, 3)
    assert.deepEqual(
      (await turnByTurn(done)).map((turn) => turn.length),
      [3, 2],
    )
  })

  test('of one owner is done in the order in which it came', async () => {
    const done: string[] = []
    const turns = new CountedTurns(2)
    for (const name of ['a', 'b', 'c']) turns.run('acme', steps(name, 3, done))
    await turnByTurn(done)
    assert.deepEqual(done.join(''), 'aaabbbccc')
  })

  test('of many owners takes turns: who brings much waits behind who brings little', async () => {
    const done: string[] = []
    const turns = new CountedTurns(2)
    turns.run('loud', steps('l', 8, done))
    for (const owner of ['loud', 'loud', 'quiet', 'third']) turns.run(owner, steps(owner.charAt(0), 2, done))
    await turnByTurn(done)
    assert.equal(done.join(''), 'llllqqttllllllll')
  })

  test('is begun behind what waits, whoever it is for: what comes in first does not starve it', () => {
    const turns = new CountedTurns(2)
    turns.run('acme', steps('a', 3, []))
    assert.equal(turns.begin(), false)
  })

  test('that comes up within its own turn goes behind what its owner waits for', async () => {
    const done: string[] = []
    const turns = new CountedTurns(3)
    turns.run('acme', steps('-', 4, done))
    turns.run(
      'acme',
      (function* (): Steps {
        done.push('b')
        yield 0
        turns.run('acme', steps('d', 1, done))
      })(),
    )
    turns.run('acme', steps('c', 1, done))
    await turnByTurn(done)
    assert.equal(done.join(''), '----bcd')
  })

  test('has a bound an owner: what finds no place to wait is done at once', async () => {
    const done: string[] = []
    const limits = { turnMs: 1, sliceMs: 1, lookCost: 0, waitingPerOwner: 1 }
    let nowMs = 0
    const turns = new WorkTurns(limits, () => (nowMs += 1))
    turns.run('acme', steps('a', 2, done))
    turns.run('acme', steps('b', 2, done))
    assert.equal(done.join(''), 'abb')
    await turnByTurn(done)
    assert.equal(done.join(''), 'abba')
  })
})

describe('the time of a turn', () => {
  test('comes back with the next turn, and not before', async () => {
    const turns = new CountedTurns(2)
    assert.deepEqual([turns.begin(), turns.spend(2), turns.begin()], [true, false, false])
    await nextTurn()
    assert.deepEqual([turns.begin(), turns.spend(1)], [true, true])
  })

  test('is divided: one owner has no more than a slice before the next one', async () => {
    let nowMs = 0
    const done: string[] = []
    const limits = { turnMs: 4, sliceMs: 2, lookCost: 0, waitingPerOwner: 10 }
    const turns = new WorkTurns(limits, () => nowMs)
    function* slow(name: string): Steps {
      for (;;) {
        done.push(name)
        nowMs += 1
        yield 1
        if (done.length > 20) return
      }
    }
    turns.run('a', slow('a'))
    turns.run('b', slow('b'))
    assert.equal(done.join(''), 'aaaa')
    await nextTurn()
    assert.equal(done.join(''), 'aaaaaabb')
    await turnByTurn(done)
  })

  test('is looked at as much was spent as a look is worth', () => {
    let looks = 0
    const limits = { turnMs: 1, sliceMs: 1, lookCost: 100, waitingPerOwner: 10 }
    const turns = new WorkTurns(limits, () => {
      looks += 1
      return 0
    })
    turns.begin()
    const before = looks
    for (let packet = 0; packet < 20; packet += 1) turns.spend(10)
    assert.equal(looks - before, 2)
  })
})

test('work can be waited for: until the last step, and no longer', async () => {
  const done: string[] = []
  await new CountedTurns(3).runToEnd('acme', steps('a', 8, done))
  assert.equal(done.length, 8)
})
