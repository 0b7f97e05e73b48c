import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Match } from '../../../src/router/match.ts'
import { SharedGroup } from '../../../src/router/shared-subscription.ts'
import { parsed } from '../../support/topics.ts'

interface Client {
  readonly id: number
}

const everyone = (): boolean => true

function groupOf(clients: readonly Client[]): SharedGroup<Client> {
  const group = new SharedGroup<Client>('g', 'a')
  for (const client of clients) group.add(memberOf(client, 0))
  return group
}

function memberOf(client: Client, qos: 0 | 1 | 2): Match<Client> {
  return Match.of(client, parsed('a'), { qos, noLocal: false, retainAsPublished: false, subscriptionId: 0 })
}

function clientsUpTo(count: number): Client[] {
  return Array.from({ length: count }, (_, id) => ({ id }))
}

test('each message goes to one member, in turn [MQTT 5.0, 4.8.2]', () => {
  const group = groupOf(clientsUpTo(3))
  const picked = Array.from({ length: 7 }, () => group.pick('a', everyone)?.subscriber.id)
  assert.deepEqual(picked, [0, 1, 2, 0, 1, 2, 0])
})

test('who is not eligible is passed over, and nobody is picked when nobody is', () => {
  const group = groupOf(clientsUpTo(3))
  const picked = Array.from({ length: 4 }, () => group.pick('a', ({ id }) => id !== 1)?.subscriber.id)
  assert.deepEqual(picked, [0, 2, 0, 2])
  assert.equal(
    group.pick('a', () => false),
    undefined,
  )
})

test('a member that leaves takes no turn from another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), fc.nat(20), fc.nat(), (count, turns, which) => {
      const clients = clientsUpTo(count)
      const group = groupOf(clients)
      for (let turn = 0; turn < turns; turn += 1) group.pick('a', everyone)
      const expected = turns % count
      const gone = which % count
      group.remove(clients[gone] as Client)
      const next = gone === expected ? (expected + 1) % count : expected
      assert.equal(group.pick('a', everyone)?.subscriber.id, next)
    }),
  )
})

test('a member that subscribes again keeps its place and gets its new options', () => {
  const clients = clientsUpTo(2)
  const group = groupOf(clients)
  group.add(memberOf(clients[0] as Client, 2))
  assert.equal(group.members.length, 2)
  assert.equal(group.pick('a', everyone)?.qos, 2)
})

test('a group that all have left picks nobody', () => {
  const clients = clientsUpTo(1)
  const group = groupOf(clients)
  group.remove(clients[0] as Client)
  group.remove(clients[0] as Client)
  assert.equal(group.has(clients[0] as Client), false)
  assert.equal(group.pick('a', everyone), undefined)
})
