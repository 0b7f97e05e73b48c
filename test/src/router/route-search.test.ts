import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SubscriptionTree } from '../../../src/router/subscription-tree.ts'
import { parsed } from '../../support/topics.ts'

interface Client {
  readonly name: string
}

const clients: readonly Client[] = [{ name: 'ann' }, { name: 'bob' }]
const options = { qos: 1, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const

function treeOf(filters: readonly (readonly [string, Client])[]): SubscriptionTree<Client> {
  const tree = new SubscriptionTree<Client>()
  for (const [filter, client] of filters) tree.add(parsed(filter), client, options)
  return tree
}

test('a search that is left and gone on with finds what one at a stretch finds', () => {
  const filter = fc.constantFrom('#', 'a/#', 'a/+', '+/b', 'a/b', '+/+', 'b', '$share/g/a/b', '$share/h/#')
  const filters = fc.array(fc.tuple(filter, fc.constantFrom(...clients)), { maxLength: 20 })
  fc.assert(
    fc.property(filters, fc.integer({ min: 1, max: 5 }), (subscribed, most) => {
      const search = treeOf(subscribed).search('a/b')
      let steps = 0
      while (search.route === null) {
        const taken = search.goOn(most)
        assert.ok(taken < most + subscribed.length + 1, 'it took more steps than it was given')
        steps += taken
      }
      const tree = treeOf(subscribed)
      assert.equal(tree.search('a/b').goOn(Number.POSITIVE_INFINITY), steps)
      const { matches, groups } = tree.match('a/b')
      assert.deepEqual([search.route.matches, search.route.groups], [matches, groups])
    }),
  )
})

test('what changes meanwhile does no harm, and what was found is not remembered then', () => {
  const crowd = Array.from({ length: 10 }, (_, place) => ({ name: `c${place}` }))
  const tree = treeOf(crowd.map((client) => ['t', client] as const))
  const search = tree.search('t')
  search.goOn(5)
  for (const client of crowd.slice(0, 9)) tree.remove(parsed('t'), client)
  while (search.route === null) search.goOn(5)
  assert.equal(search.route.matches.at(-1)?.subscriber, crowd[9])
  assert.equal(tree.known('t'), undefined)
  assert.equal(tree.match('t').matches.length, 1)
})

test('subscriptions that overlap cost the more the more they are, and not the square of it', () => {
  const filters = Array.from({ length: 2 ** 6 }, (_, bits) =>
    Array.from({ length: 6 }, (_level, place) => ((bits >> place) & 1 ? '+' : 'x')).join('/'),
  )
  const [ann] = clients as [Client]
  const tree = treeOf([])
  filters.forEach((filter, place) => {
    tree.add(parsed(filter), ann, { ...options, subscriptionId: place + 1 })
  })
  assert.equal(tree.match('x/x/x/x/x/x').matches[0]?.subscriptionIds?.length, filters.length)
  // a place for each beginning of a filter; each filter is taken, and merged with the others; and the end
  const steps = tree.search('x/x/x/x/x/x').goOn(Number.POSITIVE_INFINITY)
  assert.equal(steps, 2 * filters.length - 1 + 2 * filters.length + 1)
})
