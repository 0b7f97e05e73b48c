import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { IClientOptions, MqttClient } from 'mqtt'
import { startBroker } from '../support/broker.ts'
import { NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { connectClient, connectWithInbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/**
 * Counts what it is asked. Users named `granted` have grants; the others are decided by its hooks, which say
 * no to what was revoked. What is published to `admin` revokes, and takes back.
 */
const WARDEN = `
import { allow, definePlugin, deny, json } from 'bulkhead/plugin'
const revoked = new Set()
const both = ['publish', 'subscribe']
const GRANTS = [
  { effect: 'allow', actions: both, filter: 'own/{clientId}/#' },
  { effect: 'deny', actions: both, filter: 'own/{clientId}/secret' },
  { effect: 'allow', actions: ['publish'], filter: 'news/{username}', retain: false, qos: [1] },
  { effect: 'allow', actions: ['subscribe'], filter: 'jobs/#', share: 'workers' },
  { effect: 'ask', actions: both, filter: 'shared/#' },
]
const READER = [
  { effect: 'allow', actions: both, filter: '#' },
  { effect: 'allow', actions: ['receive'], filter: 'public/{username}' },
]
export default definePlugin({
  capabilities: { access: true, metrics: true, payload: true, publish: { topics: ['result', 'lost'] } },
  authenticate: ({ username }) =>
    username === 'reader' ? allow({ grants: READER })
    : username === 'granted' || revoked.has('freedom of ' + username)
      ? allow({ grants: GRANTS, cacheTag: 'team' })
      : allow(),
  authorizePublish: async (event, ctx) => {
    if (event.topic === 'admin') {
      const { revoke, of } = json(event)
      for (const each of revoke) revoked.add(each)
      const result = await ctx.access.invalidate(of)
      ctx.publish({ topic: 'result', payload: JSON.stringify(result), qos: 1 })
      return allow()
    }
    ctx.metrics.count('publish')
    const reuse = { cacheMs: 600_000, cacheTag: event.topic }
    return revoked.has(event.topic) ? deny({ ...reuse, code: 0x99 }) : allow(reuse)
  },
  authorizeSubscribe: ({ filters }, ctx) => {
    ctx.metrics.count('subscribe')
    return {
      filters: filters.map(({ filter }) =>
        revoked.has(filter) ? deny('notAuthorized') : allow({ cacheTag: filter })),
    }
  },
  onBrokerClientUnsubscribed: ({ client, filter }, ctx) =>
    ctx.publish({ topic: 'lost', payload: client.clientId + ' ' + filter, qos: 1 }),
  onBrokerAccessDenied: (event, ctx) => ctx.metrics.count('refused_' + event.action),
})`

/**
 * Gives grants and has no hook that could be asked beyond them; it takes back before they are given: once of
 * `late`, and each time of `never`.
 */
const GRANTER = `
import { allow, definePlugin, json } from 'bulkhead/plugin'
let isLate = true
export default definePlugin({
  capabilities: { access: true, payload: true },
  authenticate: async ({ username, clientId }, ctx) => {
    if (username === 'never' || (username === 'late' && isLate)) await ctx.access.invalidate({ clientId })
    if (username === 'late') isLate = false
    return allow({
      grants: [
        { effect: 'allow', actions: ['publish', 'subscribe'], filter: '#' },
        { effect: 'deny', actions: ['publish', 'subscribe'], filter: 'vault/{clientId}/#' },
      ],
      cacheTag: 'all',
    })
  },
  onBrokerMessageReceived: async ({ message }, ctx) => {
    if (message.topic === 'take-back') await ctx.access.invalidate(json(message))
  },
})`

const folder = tempFolder({ 'warden/plugin.ts': WARDEN, 'granter/plugin.ts': GRANTER })
const of = (tenant: string, plugin: string): object => ({
  match: { usernamePrefix: `${tenant}:` },
  plugins: { [path.join(folder, plugin)]: null },
})
const NAMES = ['grants', 'receive', 'escape', 'foreign', 'cache', 'live', 'resume'] as const
const { broker, url, port } = await startBroker({
  tenants: {
    ...Object.fromEntries(NAMES.map((name) => [name, of(name, 'warden')])),
    granter: of('granter', 'granter'),
  },
})

/** How often the tenant's plugin was asked, or told, something. */
function counted(tenant: string, name: string): number {
  return broker.pluginMetrics().find((each) => each.tenant === tenant && each.name === name)?.value ?? 0
}

function connect(username: string, more: IClientOptions = {}): Promise<MqttClient> {
  return connectClient(url, { username, protocolVersion: 5, ...more })
}

/** The reason code of a QoS 1 publish's PUBACK. */
async function publishing(client: MqttClient, topic: string, more: object = {}): Promise<number> {
  try {
    await client.publishAsync(topic, 'x', { qos: 1, ...more })
    return 0
  } catch (error) {
    return (error as { code: number }).code
  }
}

/** The reason code of one filter in SUBACK. */
function subscribing(client: MqttClient, filter: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    client.subscribe(filter, { qos: 1 }, (_error, _granted, packet) => resolve(packet?.granted[0] as number))
  })
}

/** Listens to the warden's words on subscriptions that were lost from now on. */
async function losses(tenant: string): Promise<(count: number) => Promise<readonly string[]>> {
  const who = { username: `${tenant}:listener`, protocolVersion: 5 } as const
  const { client, inbox } = await connectWithInbox(url, who)
  await client.subscribeAsync('lost', { qos: 1 })
  return async (count) => (await inbox.take(count)).map(({ payload }) => payload)
}

/** Has the warden revoke topics and filters, and take back what it said. @returns what was dropped. */
async function revoking(tenant: string, revoke: readonly string[], taken: object): Promise<unknown> {
  const { client, inbox } = await connectWithInbox(url, { username: `${tenant}:admin`, protocolVersion: 5 })
  await client.subscribeAsync('result', { qos: 1 })
  await client.publishAsync('admin', JSON.stringify({ revoke, of: taken }), { qos: 1 })
  const [result] = await inbox.take(1)
  await client.endAsync()
  return JSON.parse(result?.payload ?? '')
}

describe('grants', { timeout: 60_000 }, () => {
  test('allow and deny are answered without a call of the plugin, ask with one', async () => {
    const ann = await connect('grants:granted', { clientId: 'ann' })
    assert.equal(await publishing(ann, 'own/ann/lamp'), 0)
    assert.equal(await publishing(ann, 'own/ann/secret'), 0x87)
    assert.equal(await publishing(ann, 'own/bob/lamp'), 0x87)
    assert.equal(await publishing(ann, 'elsewhere'), 0x87)
    assert.equal(await subscribing(ann, 'own/ann/lamp/#'), 1)
    assert.equal(await subscribing(ann, 'own/ann/#'), 0x87, 'it overlaps what is denied')
    assert.equal(await subscribing(ann, '#'), 0x87)
    assert.deepEqual([counted('grants', 'publish'), counted('grants', 'subscribe')], [0, 0])
    assert.equal(await publishing(ann, 'shared/a'), 0)
    assert.equal(await subscribing(ann, 'shared/+'), 1)
    assert.deepEqual([counted('grants', 'publish'), counted('grants', 'subscribe')], [1, 1])
  })

  test('retain, QoS and share narrow what they speak of', async () => {
    const ann = await connect('grants:granted', { clientId: 'narrow' })
    assert.equal(await publishing(ann, 'news/granted'), 0)
    assert.equal(await publishing(ann, 'news/granted', { retain: true }), 0x87)
    assert.equal(await publishing(ann, 'news/granted', { qos: 2 }), 0x87)
    assert.equal(await subscribing(ann, 'jobs/a'), 0x87)
    assert.equal(await subscribing(ann, '$share/others/jobs/a'), 0x87)
    assert.equal(await subscribing(ann, '$share/workers/jobs/a'), 1)
  })
})

describe('grants about receiving', { timeout: 60_000 }, () => {
  test('decide on live, retained, queued and shared delivery, without a call of the plugin', async () => {
    const kept = { clean: false, properties: { sessionExpiryInterval: 600 }, protocolVersion: 5 } as const
    const ann = await connect('receive:ann')
    const publishBoth = async (payload: string, retain = false): Promise<void> => {
      for (const topic of ['private', 'public/reader']) {
        await ann.publishAsync(topic, payload, { qos: 1, retain })
      }
    }
    await publishBoth('retained', true)
    const who = { username: 'receive:reader', clientId: 'reader', ...kept }
    const first = await connectWithInbox(url, who)
    for (const filter of ['#', '$share/g/+', '$share/g/public/+']) await subscribing(first.client, filter)
    await publishBoth('live')
    await first.inbox.take(3)
    await first.client.endAsync()
    await publishBoth('queued')
    const second = await connectWithInbox(url, who)
    await second.inbox.take(2)
    await publishBoth('end')
    await second.inbox.take(4)
    const heard = [...first.inbox.messages, ...second.inbox.messages]
    assert.deepEqual(
      heard.map(({ topic, payload }) => `${topic} ${payload}`),
      ['retained', 'live', 'live', 'queued', 'queued', 'end', 'end'].map((each) => `public/reader ${each}`),
    )
    assert.equal(counted('receive', 'publish'), 4, 'two topics, retained or not: ann’s verdicts are reused')
  })
})

describe('grants that are filled in', { timeout: 60_000 }, () => {
  test('a client identifier is text of one level: none reaches beyond it', async () => {
    for (const clientId of ['+', '#', 'a/#', '../x', 'bob/lamp', '$SYS', '{username}']) {
      const eve = await connect('escape:granted', { clientId })
      assert.equal(await publishing(eve, 'own/bob/lamp'), 0x87, clientId)
      for (const filter of ['own/+/lamp', 'own/#', 'own/bob/#', 'own/granted/#']) {
        assert.equal(await subscribing(eve, filter), 0x87, `${clientId} ${filter}`)
      }
      await eve.endAsync()
    }
  })

  test('what is denied to a client whose identifier is none of a level is denied to it everywhere', async () => {
    const plain = await connect('granter:x', { clientId: 'eve' })
    assert.equal(await publishing(plain, 'vault/bob/gold'), 0)
    assert.equal(await publishing(plain, 'vault/eve/gold'), 0x87)
    const crafted = await connect('granter:x', { clientId: 'eve/' })
    assert.equal(await publishing(crafted, 'vault/eve/gold'), 0x87)
    assert.equal(await publishing(crafted, 'vault/bob/gold'), 0x87)
    assert.equal(await publishing(crafted, 'free'), 0)
  })

  test('to foreign clients: who was granted its subscription gets its messages', {
    skip: NO_MOSQUITTO,
  }, async () => {
    const who = ['-u', 'foreign:granted', '-i', 'frank', '-V', '5']
    const frank = await subscribe(port, [...who, '-t', 'own/frank/lamp', '-q', '1', '-F', '%t %p'])
    const gina = ['-u', 'foreign:free', '-V', '5', '-q', '1', '-t', 'own/frank/lamp', '-m', 'on']
    assert.equal((await run('mosquitto_pub', port, gina)).code, 0)
    assert.deepEqual(await frank.lines(1), ['own/frank/lamp on'])
    const own = [
      '-u',
      'foreign:granted',
      '-i',
      'greg',
      '-V',
      '5',
      '-q',
      '1',
      '-m',
      'x',
      '-t',
      'own/frank/lamp',
    ]
    assert.match((await run('mosquitto_pub', port, own)).stderr, /not authori[sz]ed/i)
  })
})

describe('verdicts that may be reused', { timeout: 60_000 }, () => {
  test('are not asked for again, allow and deny alike, while the connection lasts', async () => {
    const ann = await connect('cache:ann')
    await revoking('cache', ['closed'], { tag: 'nobody' })
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await publishing(ann, 'open'), 0)
      assert.equal(await publishing(ann, 'closed'), 0x99)
    }
    assert.equal(counted('cache', 'publish'), 2)
    assert.equal(await publishing(ann, 'open', { qos: 2 }), 0)
    assert.equal(await publishing(ann, 'open', { retain: true }), 0)
    assert.equal(counted('cache', 'publish'), 4, 'another QoS and a retained message are other questions')
    await ann.endAsync()
    assert.equal(await publishing(await connect('cache:ann'), 'open'), 0)
    assert.equal(counted('cache', 'publish'), 5)
  })
})

describe('what is taken back', { timeout: 60_000 }, () => {
  test('reaches a live subscription and a remembered verdict at once', async () => {
    const { client, inbox } = await connectWithInbox(url, {
      username: 'live:bob',
      clientId: 'bob',
      protocolVersion: 5,
    })
    for (const filter of ['room/1', 'room/2']) assert.equal(await subscribing(client, filter), 1)
    assert.equal(await publishing(client, 'room/1'), 0)
    await inbox.take(1)
    const lost = await losses('live')
    assert.deepEqual(await revoking('live', ['room/1'], { tag: 'room/1' }), {
      verdicts: 1,
      grants: 0,
      subscriptions: [{ clientId: 'bob', filter: 'room/1' }],
      more: 0,
    })
    assert.equal(await publishing(client, 'room/1'), 0x99)
    const ann = await connect('live:ann')
    for (const topic of ['room/2', 'room/2']) assert.equal(await publishing(ann, topic), 0)
    assert.deepEqual(
      (await inbox.take(3)).map(({ topic }) => topic),
      ['room/1', 'room/2', 'room/2'],
    )
    assert.deepEqual(await lost(1), ['bob room/1'])
    assert.equal(counted('live', 'refused_subscribe'), 1)
  })

  test('of grants leaves the plugin’s own hooks to decide', async () => {
    const ann = await connect('live:granted', { clientId: 'ann' })
    assert.equal(await subscribing(ann, 'own/ann/a'), 1)
    const asked = counted('live', 'publish')
    assert.deepEqual(await revoking('live', ['own/ann/a'], { clientId: 'ann' }), {
      verdicts: 0,
      grants: 1,
      subscriptions: [{ clientId: 'ann', filter: 'own/ann/a' }],
      more: 0,
    })
    assert.equal(await publishing(ann, 'elsewhere'), 0, 'the hook allows it')
    assert.equal(counted('live', 'publish'), asked + 1)
  })

  test('of grants, from a plugin without hooks, leaves nothing allowed until the client is back', async () => {
    const { client, inbox } = await connectWithInbox(url, {
      username: 'granter:x',
      clientId: 'ann',
      protocolVersion: 5,
    })
    assert.equal(await subscribing(client, 'a'), 1)
    const bob = await connect('granter:x', { clientId: 'bob' })
    await bob.publishAsync('take-back', JSON.stringify({ clientId: 'ann' }), { qos: 1 })
    // the plugin is told behind PUBACK
    while ((await publishing(client, 'probe')) === 0) continue
    assert.equal(await subscribing(client, 'a'), 0x87)
    assert.equal(await publishing(bob, 'a'), 0)
    await client.endAsync()
    assert.deepEqual(inbox.messages, [])
    const again = await connect('granter:x', { clientId: 'ann' })
    assert.equal(await publishing(again, 'a'), 0)
  })

  test('reaches an answer of before: who is being authenticated is asked about once more, and no more', async () => {
    const late = await connect('granter:late', { clientId: 'cat' })
    assert.equal(await publishing(late, 'a'), 0)
    await assert.rejects(connect('granter:never', { clientId: 'eve' }), /Not authorized/)
    const timely = await connect('granter:x', { clientId: 'dan' })
    assert.equal(await publishing(timely, 'a'), 0)
  })
})

describe('a session that is taken up again', { timeout: 60_000 }, () => {
  const kept = { clean: false, properties: { sessionExpiryInterval: 600 }, protocolVersion: 5 } as const

  test('is asked about before it gets anything: what was revoked meanwhile is gone, and what waits for it', async () => {
    const carl = await connect('resume:carl', { clientId: 'carl', ...kept })
    for (const filter of ['kept', 'gone']) assert.equal(await subscribing(carl, filter), 1)
    await carl.endAsync()
    const ann = await connect('resume:ann')
    for (const topic of ['gone', 'kept']) assert.equal(await publishing(ann, topic), 0)
    const dropped = await revoking('resume', ['gone'], { tag: 'gone' })
    assert.deepEqual(dropped, { verdicts: 1, grants: 0, subscriptions: [], more: 0 })
    const lost = await losses('resume')
    const back = await connectWithInbox(url, { username: 'resume:carl', clientId: 'carl', ...kept })
    await ann.publishAsync('kept', 'second', { qos: 1 })
    assert.deepEqual(
      (await back.inbox.take(2)).map(({ topic, payload }) => [topic, payload]),
      [
        ['kept', 'x'],
        ['kept', 'second'],
      ],
    )
    assert.deepEqual(await lost(1), ['carl gone'])
  })

  test('is asked about as who its client is now: with the grants that it has got this time', async () => {
    const free = await connect('resume:dora', { clientId: 'dora', ...kept })
    for (const filter of ['own/dora/a', 'free']) assert.equal(await subscribing(free, filter), 1)
    await free.endAsync()
    await revoking('resume', ['freedom of dora'], { tag: 'nobody' })
    const lost = await losses('resume')
    const asked = counted('resume', 'subscribe')
    const granted = await connectWithInbox(url, { username: 'resume:dora', clientId: 'dora', ...kept })
    assert.deepEqual(await lost(1), ['dora free'])
    assert.equal(counted('resume', 'subscribe'), asked, 'grants answer')
    const ann = await connect('resume:ann')
    for (const topic of ['free', 'own/dora/a']) assert.equal(await publishing(ann, topic), 0)
    assert.equal((await granted.inbox.take(1))[0]?.topic, 'own/dora/a')
  })

  test('by two connections at once is one session: the later one has it', async () => {
    const first = await connect('resume:eva', { clientId: 'eva', ...kept })
    assert.equal(await subscribing(first, 'kept'), 1)
    await first.endAsync()
    const inboxes = [0, 1].map(() =>
      connectWithInbox(url, { username: 'resume:eva', clientId: 'eva', ...kept }).then(({ inbox }) => inbox),
    )
    const open = (await Promise.allSettled(inboxes)).flatMap((each) =>
      each.status === 'fulfilled' ? [each.value] : [],
    )
    const ann = await connect('resume:ann')
    for (const payload of ['1', '2']) await ann.publishAsync('kept', payload, { qos: 1 })
    await Promise.race(open.map((inbox) => inbox.take(2)))
    assert.deepEqual(
      open.flatMap(({ messages }) => messages.map(({ payload }) => payload)),
      ['1', '2'],
    )
  })
})
