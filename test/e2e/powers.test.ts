import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { MqttClient } from 'mqtt'
import { PLUGIN_HOPS } from '../../sandbox/limits.ts'
import { startBroker } from '../support/broker.ts'
import { connectClient, connectWithInbox, type Inbox } from '../support/mqttjs.ts'
import { NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Does what a client publishes to `do`, and publishes to `result/NUMBER` what came of it. */
const REMOTE = `
import { allow, definePlugin, json } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: {
    kv: { bytes: 1000 },
    publish: { topics: ['out/#', 'result/+'], perSecond: 50 },
    sessions: true, retained: true, subscriptions: true, subscribe: true, metrics: true, payload: true,
  },
  authenticate: () => allow(),
  authorizePublish: async (event, ctx) => {
    if (event.client.principal.startsWith('plugin:remote')) throw new Error('asked about my own')
    if (event.topic !== 'do') return allow()
    const { power, member, number, args } = json(event)
    let result
    try {
      result = await (member === undefined ? ctx[power](...args) : ctx[power][member](...args))
    } catch (error) {
      result = { name: error.name, code: error.code }
    }
    const plain = JSON.stringify(result ?? null, (key, value) =>
      value instanceof Uint8Array ? { bytes: [...value] } : value)
    ctx.publish({ topic: 'result/' + number, payload: plain, qos: 1 })
    return allow()
  },
})`

/** The other plugin: what it denies, no power opens. */
const GUARD = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (event.topic === 'out/whoami') return event.client.principal === 'plugin:remote' ? allow() : deny()
    if (event.topic === 'out/lowered') return allow({ maxQos: 0, retain: false })
    return event.topic === 'out/denied' ? deny() : allow()
  },
  authorizeSubscribe: ({ filters: [first] }) => (first.filter === 'secret/#' ? deny() : allow()),
  authorizeReceive: () => allow(),
})`

/** Answers whatever it hears of, in topics of its own. */
const echo = (name: string): string => `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { publish: { topics: ['echo/#', 'flushed/#'] } },
  onBrokerMessageBroadcast: ({ message: { topic } }, ctx) => {
    if (topic.startsWith('echo') || topic === 'call') ctx.publish({ topic: 'echo/${name}' })
    if (topic === 'flush') ctx.publish({ topic: 'flushed/${name}' })
  },
})`

const folder = tempFolder({
  'remote/plugin.ts': REMOTE,
  'guard/plugin.ts': GUARD,
  'ping/plugin.ts': echo('ping'),
  'pong/plugin.ts': echo('pong'),
})
const plugins = (...names: string[]): object =>
  Object.fromEntries(names.map((name) => [path.join(folder, name), null]))
const of = (usernamePrefix: string, rest: object): object => ({ match: { usernamePrefix }, ...rest })
const { broker, url, port } = await startBroker({
  tenants: {
    acme: of('acme:', { plugins: plugins('remote', 'guard') }),
    globex: of('globex:', { plugins: plugins('remote') }),
    single: of('single:', { anonymous: true, plugins: plugins('ping') }),
    double: of('double:', { anonymous: true, plugins: plugins('ping', 'pong') }),
    bystander: of('by:', { anonymous: true }),
  },
})

/** A client through which a test uses a plugin's powers. */
class Remote {
  readonly #client: MqttClient
  readonly #inbox: Inbox
  #number = 0

  private constructor(client: MqttClient, inbox: Inbox) {
    this.#client = client
    this.#inbox = inbox
  }

  static async open(tenant: string): Promise<Remote> {
    const { client, inbox } = await connectWithInbox(url, { username: `${tenant}:op`, protocolVersion: 5 })
    await client.subscribeAsync('result/+', { qos: 1 })
    return new Remote(client, inbox)
  }

  /** What `ctx.POWER(...)`, or `ctx.POWER.MEMBER(...)`, came to. */
  async call(power: string, member: string | undefined, ...args: readonly unknown[]): Promise<unknown> {
    const number = this.#number
    this.#number += 1
    await this.#client.publishAsync('do', JSON.stringify({ power, member, number, args }), { qos: 1 })
    const result = (await this.#inbox.take(number + 1))[number]
    return JSON.parse(result?.payload ?? '')
  }

  publish(publication: object): Promise<unknown> {
    return this.call('publish', undefined, publication)
  }
}

const acme = await Remote.open('acme')
const globex = await Remote.open('globex')

/** Everything that a client of a tenant without plugins hears until its own last message. */
async function overheard(): Promise<{ end(): Promise<readonly string[]> }> {
  const { client, inbox } = await connectWithInbox(url, { username: 'by:stander', protocolVersion: 5 })
  await client.subscribeAsync(['#', '$x/#'], { qos: 1 })
  return {
    end: async () => {
      await client.publishAsync('end', '', { qos: 1 })
      await inbox.take(1)
      return inbox.messages.map(({ topic }) => topic)
    },
  }
}

const denied = { name: 'CapabilityError', code: 'notAllowed' }

describe('what plugins keep and publish', { timeout: 60_000 }, () => {
  test('kv: what one question writes another one reads; a neighbour has a store of its own', async () => {
    assert.deepEqual(await acme.call('kv', 'set', 'k', { n: 1 }), { ok: true, version: 1 })
    assert.deepEqual(await acme.call('kv', 'set', 'k', 2, { ifVersion: 7 }), { ok: false, version: 1 })
    assert.deepEqual(await acme.call('kv', 'get', 'k'), { key: 'k', value: { n: 1 }, version: 1 })
    assert.equal(await globex.call('kv', 'get', 'k'), null)
    assert.deepEqual(await globex.call('kv', 'list', ''), [])
    assert.deepEqual(await acme.call('kv', 'list', ''), [{ key: 'k', value: { n: 1 }, version: 1 }])
    assert.deepEqual(await acme.call('kv', 'set', 'big', 'x'.repeat(1000)), {
      name: 'CapabilityError',
      code: 'limit',
    })
    assert.deepEqual(await acme.call('kv', 'delete', 'k'), { ok: true, version: 0 })
  })

  test('publish: foreign clients receive it, as it was published', { skip: NO_MOSQUITTO }, async () => {
    const bystander = await overheard()
    const args = ['-u', 'acme:sub', '-V', '5', '-q', '2', '-C', '1', '-F', '%t %q %p %C %P']
    const listener = await subscribe(port, [...args, '-t', 'out/whoami'])
    const properties = { contentType: 'text/plain', userProperties: [['k', 'v']] }
    await acme.publish({ topic: 'out/whoami', payload: 'grüß', qos: 2, properties })
    assert.deepEqual(await listener.lines(1), ['out/whoami 2 grüß text/plain k:v'])
    assert.deepEqual(await bystander.end(), ['end'])
  })

  test('publish with retain: who subscribes later receives it', { skip: NO_MOSQUITTO }, async () => {
    await acme.publish({ topic: 'out/kept', payload: 'kept', qos: 1, retain: true })
    const args = ['-u', 'acme:late', '-t', 'out/kept', '-C', '1', '-F', '%r %p']
    assert.equal((await run('mosquitto_sub', port, args)).stdout, '1 kept\n')
    await acme.publish({ topic: 'out/kept', retain: true })
    assert.equal(await acme.call('retained', 'get', 'out/kept'), null)
  })

  test('publish: what another plugin denies, or lowers, is denied or lowered', async () => {
    const { client, inbox } = await connectWithInbox(url, { username: 'acme:eve', protocolVersion: 5 })
    await client.subscribeAsync('out/#', { qos: 1 })
    await acme.publish({ topic: 'out/denied', payload: 'no', qos: 1 })
    await acme.publish({ topic: 'out/lowered', payload: 'low', qos: 1, retain: true })
    await acme.publish({ topic: 'out/end', qos: 1 })
    assert.deepEqual(
      (await inbox.take(2)).map(({ topic, qos }) => [topic, qos]),
      [['out/lowered', 0], ['out/end', 1]],
    ) // biome-ignore format: a table
    assert.equal(await acme.call('retained', 'get', 'out/lowered'), null)
  })

  test('X03: outside of what is granted nothing is published', async () => {
    const { client, inbox } = await connectWithInbox(url, { username: 'acme:all', protocolVersion: 5 })
    await client.subscribeAsync(['#', '$SYS/#', '$x/#'], { qos: 1 })
    const topics = ['other', '$SYS/x', 'out/../x', 'out/+', '$share/g/out/x', '/out/x', 'out/\u0000', '$x/y']
    for (const topic of topics) await acme.publish({ topic, payload: 'x' })
    await client.publishAsync('end', '', { qos: 1 })
    while (inbox.messages.at(-1)?.topic !== 'end') await inbox.take(inbox.messages.length + 1)
    const strange = inbox.messages.filter(({ topic }) => topics.includes(topic))
    assert.deepEqual(strange, [])
  })
})

describe('what plugins see and do in their own tenant', { timeout: 60_000 }, () => {
  test('sessions: those of the tenant, and no others', async () => {
    await connectClient(url, { username: 'acme:ann', clientId: 'ann', protocolVersion: 4 })
    await connectClient(url, { username: 'globex:bob', clientId: 'bob' })
    const ann = (await acme.call('sessions', 'get', 'ann')) as Readonly<Record<string, unknown>>
    assert.deepEqual(
      [ann['clientId'], ann['connected'], ann['principal'], ann['protocolVersion'], ann['subscriptions']],
      ['ann', true, 'ann', 4, 0],
    )
    assert.equal(await acme.call('sessions', 'get', 'bob'), null)
    const list = (await acme.call('sessions', 'list')) as readonly { readonly clientId: string }[]
    const ids = list.map(({ clientId }) => clientId)
    assert.ok(ids.includes('ann') && !ids.includes('bob'))
    assert.deepEqual(ids, ids.toSorted())
    assert.deepEqual(await acme.call('sessions', 'list', { after: ids.at(-1) }), [])
  })

  test('retained: topics, sizes and payloads, of the tenant alone', async () => {
    for (const tenant of ['acme', 'globex']) {
      const client = await connectClient(url, { username: `${tenant}:keeper` })
      await client.publishAsync('kept/here', tenant, { qos: 1, retain: true })
    }
    const bytes = [...Buffer.from('acme')]
    const expected = { topic: 'kept/here', qos: 1, size: 4, payload: { bytes } }
    assert.deepEqual(await acme.call('retained', 'get', 'kept/here'), expected)
    assert.deepEqual(await acme.call('retained', 'list', 'kept/#'), [expected])
    assert.deepEqual(await acme.call('retained', 'list', 'a#'), { name: 'CapabilityError', code: 'invalid' })
  })

  test('subscriptions and subscribe: by the leave of the other plugins, with what is retained', async () => {
    const keeper = await connectClient(url, { username: 'acme:keeper' })
    await keeper.publishAsync('news/old', 'old', { qos: 1, retain: true })
    const { inbox } = await connectWithInbox(url, { username: 'acme:carl', clientId: 'carl' })
    assert.deepEqual(await acme.call('subscribe', undefined, 'carl', 'news/#', 1), { qos: 1 })
    assert.deepEqual(
      (await inbox.take(1)).map(({ payload, retain }) => [payload, retain]),
      [['old', true]],
    )
    await keeper.publishAsync('news/new', 'new', { qos: 1 })
    assert.equal((await inbox.take(2))[1]?.payload, 'new')
    const news = { clientId: 'carl', filter: 'news/#', qos: 1 }
    assert.deepEqual(await acme.call('subscriptions', 'ofClient', 'carl'), [news])
    assert.deepEqual(await acme.call('subscriptions', 'matching', 'news/x'), [news])
    assert.deepEqual(await globex.call('subscriptions', 'matching', 'news/x'), [])
    assert.deepEqual(await acme.call('subscribe', undefined, 'carl', 'secret/#', 1), denied)
    assert.deepEqual(await globex.call('subscribe', undefined, 'carl', 'news/#', 1), {
      name: 'CapabilityError',
      code: 'unavailable',
    })
  })

  test('metrics: counters add up, gauges are what they were last', async () => {
    await acme.call('metrics', 'count', 'seen')
    await acme.call('metrics', 'count', 'seen', 2)
    await acme.call('metrics', 'gauge', 'depth', 7)
    await acme.call('metrics', 'gauge', 'depth', 5)
    await acme.call('metrics', 'count', 'Not A Name')
    const own = broker.pluginMetrics().filter(({ tenant }) => tenant === 'acme')
    assert.deepEqual(
      own.map(({ plugin, kind, name, value }) => [plugin, kind, name, value]),
      [['remote', 'count', 'seen', 3], ['remote', 'gauge', 'depth', 5]],
    ) // biome-ignore format: a table
  })
})

/** The answers to one message, once all plugins have answered one that came after `count` of them. */
async function echoes(tenant: string, names: readonly string[], count: number): Promise<readonly string[]> {
  const { client, inbox } = await connectWithInbox(url, { username: `${tenant}:x`, protocolVersion: 5 })
  await client.subscribeAsync(['echo/#', 'flushed/#'], { qos: 1 })
  await client.publishAsync('call', '', { qos: 1 })
  await inbox.take(count)
  await client.publishAsync('flush', '', { qos: 1 })
  const topics = (): readonly string[] => inbox.messages.map(({ topic }) => topic)
  while (!names.every((name) => topics().includes(`flushed/${name}`))) {
    await inbox.take(inbox.messages.length + 1)
  }
  return topics().filter((topic) => topic.startsWith('echo'))
}

describe('messages that answer messages', { timeout: 60_000 }, () => {
  test('F03: a plugin is not told of its own message, so it does not answer itself', async () => {
    assert.deepEqual(await echoes('single', ['ping'], 1), ['echo/ping'])
  })

  test('F03: plugins that answer each other end after so many hops', async () => {
    // both answer the first message, and each answer is answered by the other one
    const most = 2 * PLUGIN_HOPS
    assert.equal((await echoes('double', ['ping', 'pong'], most)).length, most)
  })
})

test('no client passes as a plugin', async () => {
  await assert.rejects(connectClient(url, { username: 'acme:plugin:remote', protocolVersion: 5 }), {
    code: 0x87,
  })
})
