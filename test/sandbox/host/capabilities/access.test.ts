import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accessPower } from '../../../../sandbox/host/capabilities/access.ts'
import { INVALIDATES_PER_SEC } from '../../../../sandbox/limits.ts'
import { call, holder } from '../../../support/holder.ts'

const DROPPED = { verdicts: 2, grants: 1, subscriptions: [{ clientId: 'ann', filter: 'a/#' }], more: 3 }

const opened = (asked: unknown[][] = [], ended: typeof DROPPED | 'busy' = DROPPED) =>
  accessPower(holder(), {
    invalidate: (...args) => {
      asked.push(args)
      return Promise.resolve(ended)
    },
  })

test('what is taken back is what the holder itself has said, of a client or under a tag', async () => {
  const asked: unknown[][] = []
  const power = opened(asked)
  assert.deepEqual(await call(power, { clientId: 'ann' }), DROPPED)
  assert.deepEqual(await call(power, { tag: '' }), DROPPED)
  assert.deepEqual(asked, [
    ['acme', 'gate', { clientId: 'ann' }],
    ['acme', 'gate', { tag: '' }],
  ])
})

test('neither, both, or anything else reaches nobody', async () => {
  const asked: unknown[][] = []
  const power = opened(asked)
  for (const argument of [
    {},
    { clientId: 'ann', tag: 't' },
    { clientId: '' },
    { clientId: 7 },
    { tag: 'x'.repeat(129) },
    { tag: null },
    { clientId: 'ann', plugin: 'other' },
    null,
    'ann',
  ]) {
    await assert.rejects(call(power, argument), { name: 'Refusal', code: 'invalid' })
  }
  assert.deepEqual(asked, [])
})

test('where too much waits, the plugin is told to ask again', async () => {
  await assert.rejects(call(opened([], 'busy'), { tag: 't' }), { name: 'Refusal', code: 'limit' })
})

test('what does not fit into an answer is counted', async () => {
  const long = { clientId: 'c'.repeat(40_000), filter: 'f' }
  const power = opened([], { ...DROPPED, subscriptions: [long, long, long] })
  assert.deepEqual(await call(power, { tag: 't' }), { ...DROPPED, subscriptions: [long], more: 5 })
})

test('so many a second, and no more', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const power = opened()
  for (let count = 0; count < INVALIDATES_PER_SEC; count += 1) await call(power, { tag: 't' })
  await assert.rejects(call(power, { tag: 't' }), { name: 'Refusal', code: 'limit' })
  now = 1000
  assert.deepEqual(await call(power, { tag: 't' }), DROPPED)
})
