import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Power, Refusal } from '../../../../sandbox/host/capabilities/power.ts'
import type { ConversationOwner } from '../../../../sandbox/host/questions/conversation.ts'
import { latePlace, readEffects, release, SETUP_PLACE } from '../../../../sandbox/host/questions/effects.ts'
import { FairTurns } from '../../../../src/base/fair-turns.ts'

function owner(powers: Record<string, Power>): {
  owner: ConversationOwner
  denied: string[]
  broken: string[]
} {
  const denied: string[] = []
  const broken: string[] = []
  return {
    denied,
    broken,
    owner: {
      powers: new Map(Object.entries(powers)),
      capabilityCallsPerCall: 1,
      effectsPerCall: 3,
      inTurn: (work) => Promise.resolve(work()),
      wake: () => assert.fail(),
      denied: (power, detail) => denied.push(`${power}: ${detail}`),
      broke: (power, error) => broken.push(`${power}: ${String(error)}`),
    },
  }
}

test('effects are gathered by the place of their answer, in the order in which they were left', () => {
  const effects = readEffects([
    [0, 'publish', 'a'],
    [-1, 'metrics', 'b'],
    [0, 'metrics', 'c'],
  ])
  assert.deepEqual(effects?.get(0), [
    { power: 'publish', argument: 'a' },
    { power: 'metrics', argument: 'c' },
  ])
  assert.deepEqual(effects?.get(SETUP_PLACE), [{ power: 'metrics', argument: 'b' }])
})

test('no guest of ours writes any other list, and reading one never throws', () => {
  for (const each of [
    0,
    null,
    {},
    [],
    ['0', 'publish'],
    [0.5, 'publish'],
    [0, 1],
    [0, 'publish', {}],
    [Number.NaN, 'a', '1'],
  ]) {
    assert.equal(readEffects([each]), undefined)
  }
  fc.assert(fc.property(fc.array(fc.anything()), (raw) => void readEffects(raw)))
})

test('released effects reach their power with the hops; what is refused is told to the audit', () => {
  const seen: unknown[] = []
  const powers: Record<string, Power> = {
    publish: {
      release: (argument, hops) => {
        if (argument === 'no') throw new Refusal('notAllowed', 'outside of the grant')
        seen.push([argument, hops])
      },
    },
    kv: { call: () => assert.fail() },
  }
  const { owner: whose, denied } = owner(powers)
  const left = readEffects([
    [0, 'publish', '"no"'],
    [0, 'kv', '1'],
    [0, 'publish', '"yes"'],
  ])
  release(left?.get(0) ?? [], whose, 2)
  assert.deepEqual(seen, [['yes', 2]])
  assert.deepEqual(denied, ['publish: outside of the grant', 'kv: not granted'])
})

test('more effects than a guest lets a call leave are none at all', () => {
  const { owner: whose, denied } = owner({ publish: { release: () => assert.fail() } })
  const flood = Array.from({ length: 4 }, () => [0, 'publish', 'a'])
  release(readEffects(flood)?.get(0) ?? [], whose, 0)
  assert.equal(denied.length, 1)
})

test('when too much of the tenant waits for its turn, what is left over is told to the audit', () => {
  const { owner: whose, denied } = owner({ publish: { release: () => assert.fail() } })
  release([{ power: 'publish', argument: '1' }], { ...whose, inTurn: () => undefined }, 0)
  assert.equal(denied.length, 1)
})

test('a bug of ours in a power ends in the log: it is no refusal, and no exception in a turn of all', async () => {
  const {
    owner: whose,
    denied,
    broken,
  } = owner({
    publish: {
      release: () => {
        throw new TypeError('ours')
      },
    },
  })
  const turns = new FairTurns(1000, 2)
  release([{ power: 'publish', argument: '1' }], { ...whose, inTurn: (work) => turns.run('t', work) }, 0)
  // who comes later has its turn all the same
  await turns.run('t', () => undefined)
  assert.deepEqual([denied, broken], [[], ['publish: TypeError: ours']])
})

test('no place of a late answer is that of setup, or of another answer', () => {
  assert.deepEqual([0, 1, 2].map(latePlace), [-2, -3, -4])
})
