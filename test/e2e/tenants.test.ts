import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { IClientOptions, MqttClient } from 'mqtt'
import { startBroker } from '../support/broker.ts'
import { connectClient, connectWithInbox, Inbox } from '../support/mqttjs.ts'

const { url, webUrl, broker } = await startBroker({
  tenants: {
    red: { anonymous: true, match: { listener: 'mqtt', usernamePrefix: 'red:' } },
    blue: { anonymous: true, match: { usernamePrefix: 'blue:' } },
    wide: { anonymous: true, match: { listener: 'web' } },
  },
})

/** Each tenant's way in; two of them on the same listener. */
const WAYS: Readonly<Record<string, readonly [url: string, username: string]>> = {
  red: [url, 'red:ann'],
  blue: [url, 'blue:ann'],
  wide: [webUrl, 'anybody'],
}

async function enter(tenant: string, options: IClientOptions = {}): Promise<MqttClient> {
  const [at, username] = WAYS[tenant] ?? ['', '']
  return connectClient(at, { username, protocolVersion: 5, ...options })
}

describe('tenants share nothing', { timeout: 60_000 }, () => {
  test('a message stays with its tenant', async () => {
    const clients = await Promise.all(Object.keys(WAYS).map((name) => enter(name)))
    const inboxes = clients.map((client) => new Inbox(client))
    for (const client of clients) await client.subscribeAsync(['#', '$share/g/shared'], { qos: 1 })
    for (const [i, name] of Object.keys(WAYS).entries()) await clients[i]?.publishAsync('t', name, { qos: 1 })
    for (const client of clients) await client.publishAsync('end', 'end', { qos: 1 })
    for (const [i, name] of Object.keys(WAYS).entries()) {
      const got = (await inboxes[i]?.take(2)) ?? []
      assert.deepEqual(
        got.map(({ payload }) => payload),
        [name, 'end'],
      )
    }
  })

  test('a retained message stays with its tenant', async () => {
    for (const name of Object.keys(WAYS)) {
      const client = await enter(name)
      await client.publishAsync('kept', `of ${name}`, { qos: 1, retain: true })
    }
    for (const name of Object.keys(WAYS)) {
      const client = await enter(name)
      const inbox = new Inbox(client)
      await client.subscribeAsync('kept', { qos: 1 })
      await client.publishAsync('kept', 'end', { qos: 1 })
      const got = await inbox.take(2)
      assert.deepEqual(
        got.map(({ payload }) => payload),
        [`of ${name}`, 'end'],
      )
    }
  })

  test('a client identifier is taken within its tenant alone, and so is its session', async () => {
    const options = { clientId: 'same', clean: false, properties: { sessionExpiryInterval: 60 } }
    const red = await enter('red', options)
    await red.subscribeAsync('for/same', { qos: 1 })
    const blue = await enter('blue', options)
    assert.ok(red.connected && blue.connected)
    await red.endAsync()
    const [redSender, blueSender] = await Promise.all([enter('red'), enter('blue')])
    await redSender.publishAsync('for/same', 'red', { qos: 1 })
    await blueSender.publishAsync('for/same', 'blue', { qos: 1 })
    await blue.endAsync()
    const [at, username] = WAYS['red'] ?? ['', '']
    const { inbox } = await connectWithInbox(at, { username, protocolVersion: 5, ...options })
    assert.deepEqual(
      (await inbox.take(1)).map(({ payload }) => payload),
      ['red'],
    )
    const [blueAt, blueName] = WAYS['blue'] ?? ['', '']
    const back = await connectWithInbox(blueAt, { username: blueName, protocolVersion: 5, ...options })
    await back.client.publishAsync('nothing', '', { qos: 1 })
    assert.deepEqual(back.inbox.messages, [])
  })
})

describe('the first tenant that matches', { timeout: 60_000 }, () => {
  test('takes the connection: by prefix on any listener, else by the listener', async () => {
    const blue = await enter('blue')
    const overWeb = await connectClient(webUrl, { username: 'blue:bob' })
    const inbox = new Inbox(blue)
    await blue.subscribeAsync('web', { qos: 1 })
    await overWeb.publishAsync('web', 'from afar', { qos: 1 })
    assert.equal((await inbox.take(1))[0]?.payload, 'from afar')
  })

  test('red is not to be had over WebSocket: its match names the other listener too', async () => {
    const wide = await enter('wide')
    const inbox = new Inbox(wide)
    await wide.subscribeAsync('who', { qos: 1 })
    const client = await connectClient(webUrl, { username: 'red:ann' })
    await client.publishAsync('who', 'a stranger', { qos: 1 })
    assert.equal((await inbox.take(1))[0]?.payload, 'a stranger')
  })

  for (const username of [undefined, 'green:ann', 'red', '']) {
    test(`none: user name ${JSON.stringify(username)} is refused`, async () => {
      const options = { protocolVersion: 5 as const, ...(username !== undefined && { username }) }
      await assert.rejects(connectClient(url, options), { code: 0x87 })
    })
  }

  test('no plugins, no cells', () => {
    assert.equal(broker.cells.size, 0)
  })
})
