import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bundle } from '../../../../sandbox/bundle/bundle-format.ts'
import { RecentBundles } from '../../../../sandbox/host/plugins/recent-bundles.ts'
import { RECENT_BUNDLES } from '../../../../sandbox/limits.ts'

/** Counts what is made. */
function stage() {
  const bundles = new RecentBundles()
  const made: string[] = []
  const get = (key: string, fails = false): Promise<Bundle> =>
    bundles.of(key, async () => {
      made.push(key)
      await Promise.resolve()
      if (fails) throw new Error(`no ${key}`)
      return { code: key } as Bundle
    })
  return { get, made }
}

test('what is asked for at the same time, and again later, is made once', async () => {
  const { get, made } = stage()
  const [one, two] = await Promise.all([get('a'), get('a')])
  assert.equal(one, two)
  assert.equal(await get('a'), one)
  assert.notEqual(await get('b'), one)
  assert.deepEqual(made, ['a', 'b'])
})

test('what could not be made is tried again', async () => {
  const { get, made } = stage()
  await assert.rejects(get('a', true), /no a/)
  await get('a')
  assert.deepEqual(made, ['a', 'a'])
})

test('at the bound the one that was used longest ago is forgotten', async () => {
  const { get, made } = stage()
  for (let each = 0; each < RECENT_BUNDLES; each += 1) await get(`${each}`)
  await get('0')
  await get('one more')
  made.length = 0
  await get('0')
  await get('1')
  assert.deepEqual(made, ['1'])
})
