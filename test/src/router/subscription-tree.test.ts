import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ROUTES_CACHED, TOPIC_BYTES } from '../../../src/base/limits.ts'
import { rewrite } from '../../../src/router/rewriting.ts'
import {
  type Match,
  type SubscriptionOptions,
  SubscriptionTree,
} from '../../../src/router/subscription-tree.ts'
import { filterMatches, type ParsedFilter } from '../../../src/router/topic-filter.ts'
import { parsed, topicFilters, topicNames } from '../../support/topics.ts'

interface Client {
  readonly name: string
}

const clients: readonly Client[] = ['ann', 'bob', 'cy'].map((name) => ({ name }))
const ann = clients[0] as Client
const bob = clients[1] as Client

const plain: SubscriptionOptions = { qos: 0, noLocal: false, retainAsPublished: false, subscriptionId: 0 }

function only(matches: readonly Match<Client>[]): Match<Client> {
  assert.equal(matches.length, 1)
  return matches[0] as Match<Client>
}

const allOptions: fc.Arbitrary<SubscriptionOptions> = fc.record({
  qos: fc.constantFrom(0, 1, 2),
  noLocal: fc.boolean(),
  retainAsPublished: fc.boolean(),
  subscriptionId: fc.integer({ min: 0, max: 3 }),
})

/** The same thing as a list that every question walks through. */
class Oracle {
  readonly entries = new Map<
    string,
    { share: string; filter: string; client: Client; options: SubscriptionOptions }
  >()

  key(text: string, client: Client): string {
    return `${client.name} ${text}`
  }

  describe(topic: string): object {
    const found = [...this.entries.values()].filter(({ filter }) => filterMatches(filter, topic))
    const own = found.filter(({ share }) => share === '')
    return {
      matches: clients.flatMap((client) => {
        const overlapping = own.filter((entry) => entry.client === client).map(({ options }) => options)
        return overlapping.length === 0 ? [] : [{ name: client.name, ...this.#merged(overlapping) }]
      }),
      groups: found
        .filter(({ share }) => share !== '')
        .map(({ share, filter, client, options }) => `${share} ${filter} ${client.name} ${options.qos}`)
        .sort(),
    }
  }

  #merged(overlapping: readonly SubscriptionOptions[]): object {
    const local = overlapping.filter(({ noLocal }) => !noLocal)
    return { ...summary(overlapping), local: local.length === 0 ? null : summary(local) }
  }
}

function ascending(one: number, other: number): number {
  return one - other
}

function summary(overlapping: readonly SubscriptionOptions[]): object {
  const ids = overlapping.map(({ subscriptionId }) => subscriptionId).filter((id) => id !== 0)
  return {
    qos: Math.max(...overlapping.map(({ qos }) => qos)),
    retainAsPublished: overlapping.some(({ retainAsPublished }) => retainAsPublished),
    ids: ids.length === 0 ? null : ids.sort(ascending),
  }
}

function matchSummary({ qos, retainAsPublished, subscriptionIds }: Match<Client>): object {
  return {
    qos,
    retainAsPublished,
    ids: subscriptionIds === null ? null : [...subscriptionIds].sort(ascending),
  }
}

function describe(tree: SubscriptionTree<Client>, topic: string): object {
  const { matches, groups } = tree.match(topic)
  return {
    matches: clients.flatMap((client) =>
      matches
        .filter(({ subscriber }) => subscriber === client)
        .map((match) => ({
          name: client.name,
          ...matchSummary(match),
          local: match.local === null ? null : matchSummary(match.local),
        })),
    ),
    groups: groups
      .flatMap(({ shareName, filter, members }) =>
        members.map(({ subscriber, qos }) => `${shareName} ${filter} ${subscriber.name} ${qos}`),
      )
      .sort(),
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('add' as const, 'add' as const, 'remove' as const),
      share: fc.constantFrom('', '', '', 'g', 'h'),
      filter: topicFilters,
      client: fc.constantFrom(...clients),
      options: allOptions,
    }),
    fc.record({ kind: fc.constant('match' as const), topic: topicNames }),
  ),
  { maxLength: 60 },
)

test('whatever is added, removed and asked in turn, the tree answers as a plain list would', () => {
  fc.assert(
    fc.property(steps, topicNames, (script, lastTopic) => {
      const tree = new SubscriptionTree<Client>()
      const oracle = new Oracle()
      for (const step of script) {
        if (step.kind === 'match') {
          assert.deepEqual(describe(tree, step.topic), oracle.describe(step.topic))
          continue
        }
        const { share, filter, client, options } = step
        const text = share === '' ? filter : `$share/${share}/${filter}`
        const key = oracle.key(text, client)
        const known = oracle.entries.has(key)
        if (step.kind === 'add') {
          assert.equal(tree.add(parsed(text), client, options), known)
          oracle.entries.set(key, { share, filter, client, options })
        } else {
          assert.equal(tree.remove(parsed(text), client), known)
          oracle.entries.delete(key)
        }
        assert.equal(tree.size, oracle.entries.size)
        const shared = [...oracle.entries.values()].filter(({ share }) => share !== '')
        assert.equal(tree.sharedSize, shared.length)
      }
      assert.deepEqual(describe(tree, lastTopic), oracle.describe(lastTopic))
    }),
    { numRuns: 500 },
  )
})

test('overlapping subscriptions give one match, the highest QoS and all identifiers [MQTT-3.3.4-2]', () => {
  const tree = new SubscriptionTree<Client>()
  tree.add(parsed('a/#'), ann, { ...plain, qos: 1, subscriptionId: 7 })
  tree.add(parsed('a/+'), ann, { ...plain, qos: 2, subscriptionId: 8 })
  tree.add(parsed('a/b'), ann, { ...plain, retainAsPublished: true })
  const match = only(tree.match('a/b').matches)
  assert.equal(match.qos, 2)
  assert.equal(match.filter, 'a/+')
  assert.equal(match.retainAsPublished, true)
  assert.deepEqual([...(match.subscriptionIds ?? [])].sort(ascending), [7, 8])
})

test('no local leaves to the publisher what its other subscriptions ask for [MQTT-3.8.3-3]', () => {
  const tree = new SubscriptionTree<Client>()
  tree.add(parsed('a/#'), ann, { ...plain, qos: 2, noLocal: true, subscriptionId: 7 })
  assert.equal(only(tree.match('a/b').matches).local, null)
  tree.add(parsed('a/b'), ann, { ...plain, qos: 1 })
  const match = only(tree.match('a/b').matches)
  assert.equal(match.qos, 2)
  assert.equal(match.local?.qos, 1)
  assert.equal(match.local?.subscriptionIds, null)
})

test('a second subscription with the same filter replaces the first [MQTT-3.8.4-3]', () => {
  const tree = new SubscriptionTree<Client>()
  assert.equal(tree.add(parsed('a'), ann, { ...plain, qos: 1 }), false)
  assert.equal(only(tree.match('a').matches).qos, 1)
  assert.equal(tree.add(parsed('a'), ann, plain), true)
  assert.equal(only(tree.match('a').matches).qos, 0)
  assert.equal(tree.size, 1)
})

test('a cached route ends with the next change', () => {
  const tree = new SubscriptionTree<Client>()
  tree.add(parsed('a'), ann, plain)
  const route = tree.match('a')
  assert.equal(tree.match('a'), route)
  tree.add(parsed('#'), bob, plain)
  assert.equal(tree.match('a').matches.length, 2)
  tree.remove(parsed('a'), ann)
  assert.equal(only(tree.match('a').matches).subscriber, bob)
})

test('more topics than the cache holds are answered all the same', () => {
  const tree = new SubscriptionTree<Client>()
  tree.add(parsed('t/+'), ann, plain)
  for (let turn = 0; turn <= ROUTES_CACHED; turn += 1) only(tree.match(`t/${turn}`).matches)
  only(tree.match('t/0').matches)
})

test('a topic that is deeper than any filter may be is matched by # and by nothing else', () => {
  const tree = new SubscriptionTree<Client>()
  tree.add(parsed('#'), ann, plain)
  tree.add(parsed(`${'+/'.repeat(199)}+`), bob, plain)
  assert.equal(tree.match('a/'.repeat(199)).matches.length, 2)
  assert.equal(only(tree.match('a/'.repeat(200)).matches).subscriber, ann)
  assert.equal(only(tree.match('/'.repeat(65_535)).matches).subscriber, ann)
})

test('a group in a route goes on turning though the route is cached', () => {
  const tree = new SubscriptionTree<Client>()
  tree.add(parsed('$share/g/a'), ann, plain)
  tree.add(parsed('$share/g/a'), bob, plain)
  const picked = [1, 2, 3, 4].map(() => tree.match('a').groups[0]?.pick('a', () => true)?.subscriber)
  assert.deepEqual(picked, [ann, bob, ann, bob])
})

/** `asked`, routed as `to`. */
function rewritten(asked: string, to: string): ParsedFilter {
  const routed = rewrite(parsed(asked), to)
  if ('refusal' in routed) throw new Error(routed.refusal)
  return routed
}

test('a subscriber has one match for each name that a topic has for it', () => {
  const tree = new SubscriptionTree<Client>()
  const plain = { qos: 0, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const
  tree.add(rewritten('#', 'home/#'), ann, { ...plain, subscriptionId: 1 })
  tree.add(rewritten('+', 'home/+'), ann, { ...plain, subscriptionId: 2, qos: 1 })
  tree.add(rewritten('my/#', 'home/#'), ann, { ...plain, subscriptionId: 3 })
  tree.add(parsed('home/lamp'), ann, { ...plain, subscriptionId: 4 })
  assert.deepEqual(
    tree.match('home/lamp').matches.map(({ as, qos, subscriptionIds }) => [as, qos, subscriptionIds]),
    [
      ['lamp', 1, [1, 2]],
      ['my/lamp', 0, [3]],
      [null, 0, [4]],
    ],
  )
  // home itself is nothing under #
  assert.deepEqual(
    tree.match('home').matches.map(({ as }) => as),
    ['my'],
  )
})

test('filters that are routed alike are subscriptions of their own: each leaves alone', () => {
  const tree = new SubscriptionTree<Client>()
  const plain = { qos: 0, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const
  const filters = [rewritten('a/#', 'x/#'), rewritten('b/#', 'x/#'), parsed('x/#')]
  const names = () => tree.match('x/1').matches.map(({ as }) => as)
  for (const filter of filters) assert.equal(tree.add(filter, ann, plain), false)
  assert.equal(tree.add(filters[0] as ParsedFilter, ann, plain), true)
  assert.deepEqual([tree.size, names()], [3, ['a/1', 'b/1', null]])
  assert.ok(tree.remove(filters[2] as ParsedFilter, ann))
  assert.ok(tree.remove(filters[0] as ParsedFilter, ann))
  assert.deepEqual([tree.size, names()], [1, ['b/1']])
  assert.equal(tree.remove(filters[0] as ParsedFilter, ann), false)
})

test('a member of a shared subscription that has no name for a topic is passed over', () => {
  const tree = new SubscriptionTree<Client>()
  const plain = { qos: 0, noLocal: false, retainAsPublished: false, subscriptionId: 0 } as const
  tree.add(rewritten('$share/g/#', 'home/#'), ann, plain)
  tree.add(rewritten('$share/g/my/#', 'home/#'), bob, plain)
  const picked = (topic: string) =>
    [1, 2].map(() => {
      const match = tree.match(topic).groups[0]?.pick(topic, () => true)
      return [match?.subscriber, match?.as]
    })
  assert.deepEqual(picked('home/x'), [
    [ann, 'x'],
    [bob, 'my/x'],
  ])
  assert.deepEqual(picked('home'), [
    [bob, 'my'],
    [bob, 'my'],
  ])
})

test('no local holds under every name', () => {
  const tree = new SubscriptionTree<Client>()
  const plain = { qos: 0, retainAsPublished: false, subscriptionId: 0 } as const
  tree.add(rewritten('a', 'x'), ann, { ...plain, noLocal: true })
  tree.add(rewritten('b', 'x'), ann, { ...plain, noLocal: false })
  assert.deepEqual(
    tree.match('x').matches.map(({ as, local }) => [as, local?.as]),
    [
      ['a', undefined],
      ['b', 'b'],
    ],
  )
})

test('a topic as long as the standard allows has its names; overlapping ones are not merged', () => {
  const tree = new SubscriptionTree<Client>()
  const topic = `home/${'x'.repeat(TOPIC_BYTES - 5)}`
  for (const [asked, to] of [
    ['#', 'home/#'],
    ['+', 'home/+'],
    ['my/#', 'home/#'],
  ] as const) {
    tree.add(rewritten(asked, to), ann, plain)
  }
  tree.add(parsed('#'), ann, plain)
  const { matches } = tree.match(topic)
  const names = matches.map(({ as }) => as)
  assert.deepEqual(names, [null, topic.slice(5), `my/${topic.slice(5)}`, topic.slice(5)])
  assert.notEqual(tree.match(topic).matches, matches, 'nor is its route kept')
})
