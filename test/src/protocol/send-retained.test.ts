import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DELIVERY_COST } from '../../../src/base/limits.ts'
import { createMessage } from '../../../src/codec/message.ts'
import { sendRetained } from '../../../src/protocol/send-retained.ts'
import { TestLink } from '../../support/sessions.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { CountedTurns } from '../../support/turns.ts'

const COUNT = 10
const ALL = { routed: { filter: 'r/#', renaming: null }, qos: 0, subscriptionId: 0 } as const

/** A tenant with retained messages `r/0` … `r/9`, whose turns have time for so many deliveries. */
async function realmWith(deliveriesATurn: number): Promise<StagedRealm> {
  const realm = await StagedRealm.open({ turns: new CountedTurns(deliveriesATurn * DELIVERY_COST) })
  for (let place = 0; place < COUNT; place += 1) keep(realm, place, 'old')
  return realm
}

function keep({ node, tenant }: StagedRealm, place: number, payload: string): void {
  const message = { topic: `r/${place}`, payload: Buffer.from(payload), qos: 0, retain: true } as const
  node.engine.retained.set(tenant.name, message.topic, createMessage(message))
}

test('all that matches is sent, subscription by subscription', async () => {
  const realm = await realmWith(1000)
  const link = new TestLink()
  sendRetained(realm.node, realm.tenant, realm.session('ann', link), [
    ALL,
    { ...ALL, routed: { filter: 'r/1', renaming: null } },
  ])
  assert.deepEqual(
    link
      .publishes()
      .map(({ topic }) => topic)
      .toSorted(),
    [...Array.from({ length: COUNT }, (_, place) => `r/${place}`), 'r/1'].toSorted(),
  )
})

/** What each turn of the loop sends, until so many were sent in all. */
async function turnsUntil(link: TestLink, count: number): Promise<readonly (readonly string[])[]> {
  const turns = [link.payloads()]
  while (turns.flat().length < count) {
    await nextTurn()
    turns.push(link.payloads())
  }
  return turns
}

test('more than a turn has time for is sent in several', async () => {
  const realm = await realmWith(4)
  const link = new TestLink()
  sendRetained(realm.node, realm.tenant, realm.session('ann', link), [ALL])
  const turns = await turnsUntil(link, COUNT)
  assert.ok(turns.every(({ length }) => length <= 4))
})

test('what is replaced before its turn is sent as it is by then, and what is cleared is not sent', async () => {
  const realm = await realmWith(4)
  const link = new TestLink()
  sendRetained(realm.node, realm.tenant, realm.session('ann', link), [ALL])
  for (let place = 0; place < COUNT; place += 1) {
    if (place % 2 === 0) keep(realm, place, 'new')
    else realm.node.engine.retained.clear(realm.tenant.name, `r/${place}`)
  }
  const [first = [], ...later] = await turnsUntil(link, 4 + 3)
  assert.deepEqual(first, ['old', 'old', 'old', 'old'])
  assert.deepEqual(new Set(later.flat()), new Set(['new']))
})

test('a session that ends meanwhile gets no more', async () => {
  const realm = await realmWith(4)
  const link = new TestLink()
  sendRetained(realm.node, realm.tenant, realm.session('ann', link), [ALL])
  realm.tenant.sessions.clear()
  for (let turn = 0; turn < 5; turn += 1) await nextTurn()
  assert.equal(link.payloads().length, 4)
})

test('an engine that answers later is waited for', async () => {
  const realm = await realmWith(1000)
  const link = new TestLink()
  const { retained } = realm.node.engine
  const match = retained.match.bind(retained)
  retained.match = (tenant, filter, reader) => {
    if (filter.endsWith('#')) setImmediate(() => match(tenant, filter, reader))
    else match(tenant, filter, reader)
  }
  sendRetained(realm.node, realm.tenant, realm.session('ann', link), [ALL, ALL])
  assert.deepEqual(link.payloads(), [])
  assert.equal((await turnsUntil(link, 2 * COUNT)).flat().length, 2 * COUNT)
})
