import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subscribePower } from '../../../../sandbox/host/capabilities/subscribe.ts'
import { SUBSCRIBES_PER_SEC } from '../../../../sandbox/limits.ts'
import { call, holder } from '../../../support/holder.ts'

type Ended = { readonly qos: 0 | 1 | 2 } | 'denied' | 'busy' | null

const endings: Readonly<Record<string, Ended>> = { ann: { qos: 1 }, denied: 'denied', busy: 'busy' }
const opened = (asked: unknown[][] = []) =>
  subscribePower(holder(), (...args) => {
    asked.push(args)
    return Promise.resolve(endings[args[2]] ?? null)
  })

test('the client is subscribed as tenant and plugin of the holder', async () => {
  const asked: unknown[][] = []
  const power = opened(asked)
  assert.deepEqual(await call(power, { clientId: 'ann', filter: 'a/#' }), { qos: 1 })
  assert.deepEqual(await call(power, { clientId: 'ann', filter: '$share/g/a', qos: 2 }), { qos: 1 })
  assert.deepEqual(asked, [
    ['acme', 'gate', 'ann', 'a/#', 0],
    ['acme', 'gate', 'ann', '$share/g/a', 2],
  ])
})

test('each refusal has its code', async () => {
  const power = opened()
  for (const [clientId, code] of [
    ['nobody', 'unavailable'],
    ['denied', 'notAllowed'],
    ['busy', 'limit'],
  ]) {
    await assert.rejects(call(power, { clientId, filter: 'a' }), { name: 'Refusal', code })
  }
})

test('what is no filter, client or QoS reaches nobody', async () => {
  const asked: unknown[][] = []
  const power = opened(asked)
  for (const change of [
    { filter: 'a#' },
    { filter: '' },
    { filter: '$share/g' },
    { filter: '$share//a' },
    { filter: '$share/+/a' },
    { filter: '$share/g/a#' },
    { clientId: '' },
    { qos: 3 },
    { tenant: 'globex' },
  ]) {
    const argument = { clientId: 'ann', filter: 'a', ...change }
    await assert.rejects(call(power, argument), { name: 'Refusal', code: 'invalid' })
  }
  assert.deepEqual(asked, [])
})

test('so many a second, and no more', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const power = opened()
  const subscribe = () => call(power, { clientId: 'ann', filter: 'a' })
  for (let count = 0; count < SUBSCRIBES_PER_SEC; count += 1) await subscribe()
  await assert.rejects(subscribe(), { name: 'Refusal', code: 'limit' })
  now = 1000
  assert.deepEqual(await subscribe(), { qos: 1 })
})
