import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** The user name is what the plugin answers to CONNECT, as JSON; `then` is what it answers to a refresh. */
const RENEWER = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { password: true, payload: true },
  authenticate: (event) => {
    const { then, ...fields } = JSON.parse(event.username)
    if (event.cause === 'connect') return { verdict: 'allow', attributes: { asked: '0' }, ...fields }
    const leaks = 'password' in event || 'payload' in (event.will ?? {})
    if (leaks) return { verdict: 'allow', principal: 'leaked' }
    const times = Number(event.client.attributes.asked) + 1
    if (then === 'throw') throw new Error('the directory is down')
    return then?.verdict === 'deny' || then?.verdict === 'continue'
      ? then
      : { verdict: 'allow', attributes: { asked: String(times) }, ...fields, ...then }
  },
  authorizePublish: (event) => event.topic === event.client.attributes.asked,
})
`
/** Checks passwords, and would not let anybody in without. */
const STRICT = `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { password: true },
  authenticate: (event) => (event.password === undefined ? deny() : allow()),
})
`
const folder = tempFolder({ 'renewer/plugin.ts': RENEWER, 'strict/plugin.ts': STRICT })
const renewer = path.join(folder, 'renewer')
const allow = { password: true }
const { port } = await startBroker({ allow, plugins: { [renewer]: null } })
const both = await startBroker({
  allow,
  plugins: { [renewer]: null, [path.join(folder, 'strict')]: null },
})

interface Answers {
  readonly then?: object | string
  readonly [field: string]: unknown
}

function connected(answers: Answers, at = port, version: 3 | 4 | 5 = 5): Promise<RawClient> {
  return RawClient.connect(at, version, {
    username: JSON.stringify(answers),
    password: Buffer.from('secret'),
  })
}

/** Publishes until the plugin has been asked again: the answer of each publish says how often it was. */
async function untilRenewed(client: RawClient, times: number): Promise<void> {
  for (let messageId = 1; ; messageId += 1) {
    client.publish({ topic: String(times), qos: 1, messageId })
    const { reasonCode = 0 } = await client.expect('puback')
    if (reasonCode < 0x80) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

// each waits for a turn of the timer wheel or two: they wait together
describe('expiresInMs', { concurrency: true }, () => {
  test('ends the connection with 0xA0, and the will is published', async () => {
    const hearer = await connected({ expiresInMs: 60_000 })
    await hearer.subscribe({ topic: '0', qos: 0 })
    const client = await RawClient.connect(port, 5, {
      username: JSON.stringify({ expiresInMs: 1 }),
      will: { topic: '0', payload: 'gone', qos: 0, retain: false },
    })
    assert.equal(await client.disconnected(), 0xa0)
    assert.equal(String((await hearer.expect('publish')).payload), 'gone')
  })

  test('before MQTT 5 ends it without a word', async () => {
    assert.deepEqual(await (await connected({ expiresInMs: 1 }, port, 4)).end(), [])
  })
})

describe('refreshInMs', { concurrency: true }, () => {
  test('asks again, without the secrets of CONNECT, and the client is as it is found to be', async () => {
    const client = await RawClient.connect(port, 5, {
      username: JSON.stringify({ refreshInMs: 1, expiresInMs: 3000 }),
      password: Buffer.from('secret'),
      will: { topic: 't', payload: 'secret', qos: 0, retain: false },
    })
    // each refresh renews what would end it
    await untilRenewed(client, 1)
    await untilRenewed(client, 2)
  })

  test('disconnects whom the plugin now denies, with its code and reason', async () => {
    const client = await connected({ refreshInMs: 1, then: { verdict: 'deny', code: 0x97, reason: 'over' } })
    const { reasonCode, properties } = await client.expect('disconnect')
    assert.deepEqual([reasonCode, properties?.reasonString], [0x97, 'over'])
  })

  test('disconnects who is somebody else now', async () => {
    const client = await connected({ principal: 'ann', refreshInMs: 1, then: { principal: 'bob' } })
    assert.equal(await client.disconnected(), 0x87)
  })

  test('is no exchange with the client: a plugin that wants one refuses it', async () => {
    const client = await connected({ refreshInMs: 1, then: { verdict: 'continue' } })
    assert.equal(await client.disconnected(), 0x87)
  })

  test('does not ask those who have not asked for it: what they said stands', async () => {
    const client = await connected({ refreshInMs: 1 }, both.port)
    await untilRenewed(client, 1)
  })

  test('that fails is tried again as long as the answer before it is good', async () => {
    const client = await connected({ refreshInMs: 1, expiresInMs: 2500, then: 'throw' })
    assert.equal(await client.disconnected(), 0xa0)
  })

  test('that fails disconnects who may stay for ever: nothing opens by a crash', async () => {
    const client = await connected({ refreshInMs: 1, then: 'throw' })
    assert.equal(await client.disconnected(), 0x87)
  })
})
