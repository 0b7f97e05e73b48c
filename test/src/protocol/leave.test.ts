import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { startBroker } from '../../support/broker.ts'
import { keepSession } from '../../../src/protocol/leave.ts'
import { RawClient } from '../../support/raw-client.ts'
import { StagedRealm } from '../../support/staged-realm.ts'
import { defer } from '../../support/turns.ts'

const { port } = await startBroker({ anonymous: true })

async function listener(topic: string): Promise<RawClient> {
  const client = await RawClient.connect(port)
  await client.subscribe({ topic, qos: 0 })
  return client
}

function will(topic: string, willDelayInterval: number): NonNullable<Parameters<RawClient['connack']>[0]> {
  return {
    will: { topic, payload: Buffer.from('gone'), qos: 0, retain: false, properties: { willDelayInterval } },
  }
}

const KEPT = { clean: false, properties: { sessionExpiryInterval: 60 } }

describe('[MQTT-3.1.2-8] a will goes out', { concurrency: true }, () => {
  test('at once, when the session ends with its connection, whatever its delay', async () => {
    const heard = await listener('leave/a')
    const client = await RawClient.connect(port, 5, { ...will('leave/a', 60) })
    client.socket.destroy()
    await heard.expect('publish')
  })

  test('when its delay has passed', async () => {
    const heard = await listener('leave/b')
    const client = await RawClient.connect(port, 5, { clientId: 'b', ...KEPT, ...will('leave/b', 1) })
    const left = performance.now()
    client.socket.destroy()
    await heard.expect('publish')
    assert.ok(performance.now() - left >= 900)
  })

  test('when the session ends before its delay has passed', async () => {
    const heard = await listener('leave/c')
    const brief = { clean: false, properties: { sessionExpiryInterval: 1 } }
    const client = await RawClient.connect(port, 5, { clientId: 'c', ...brief, ...will('leave/c', 60) })
    client.socket.destroy()
    await heard.expect('publish')
    assert.equal(
      (await (await RawClient.open(port)).connack({ clientId: 'c', ...KEPT })).sessionPresent,
      false,
    )
  })

  test('when a clean start ends the session', async () => {
    const heard = await listener('leave/d')
    const client = await RawClient.connect(port, 5, { clientId: 'd', ...KEPT, ...will('leave/d', 60) })
    client.socket.destroy()
    await RawClient.connect(port, 5, { clientId: 'd', clean: true })
    await heard.expect('publish')
  })

  test('[MQTT-3.1.3-9] but not when the client is back before its delay has passed', async () => {
    const heard = await listener('leave/e')
    const options = { clientId: 'e', ...KEPT }
    const client = await RawClient.connect(port, 5, { ...options, ...will('leave/e', 1) })
    client.socket.destroy()
    const back = await RawClient.connect(port, 5, options)
    const late = await listener('leave/f')
    const other = await RawClient.connect(port, 5, { clientId: 'f', ...KEPT, ...will('leave/f', 2) })
    other.socket.destroy()
    await late.expect('publish') // later than the other would have been
    await heard.silence()
    await back.silence()
  })
})

describe('a session', { concurrency: true }, () => {
  test('[MQTT-4.1.0-2] ends when its expiry interval has passed, its subscriptions with it', async () => {
    const client = await RawClient.connect(port, 5, {
      clientId: 'brief',
      clean: false,
      properties: { sessionExpiryInterval: 1 },
    })
    await client.subscribe({ topic: 'brief', qos: 1 })
    client.socket.destroy()
    const clock = await listener('clock')
    const ticking = await RawClient.connect(port, 5, { clientId: 'clock', ...KEPT, ...will('clock', 3) })
    ticking.socket.destroy()
    await clock.expect('publish')
    const back = await RawClient.open(port)
    assert.equal((await back.connack({ clientId: 'brief', ...KEPT })).sessionPresent, false)
    back.publish({ topic: 'brief' })
    await back.silence()
  })

  test('before MQTT 5 it stays unless the client asked for a clean one [MQTT-3.1.2-6]', async () => {
    for (const clean of [false, true]) {
      const options = { clientId: `311 ${clean}`, clean }
      const first = await RawClient.connect(port, 4, options)
      await first.subscribe({ topic: 'stay', qos: 1 })
      first.send({ cmd: 'disconnect' })
      await first.end()
      const second = await RawClient.open(port, 4)
      const { sessionPresent } = await second.connack({ ...options, clean: false })
      assert.equal(sessionPresent, !clean)
    }
  })
})

test('a session that is taken up between its time and its turn does not end', async () => {
  for (const isTakenUp of [true, false]) {
    const realm = await StagedRealm.open()
    const { node, tenant } = realm
    const session = realm.session('ann', null)
    session.expirySec = 1
    keepSession(node, tenant, session)
    node.timers.cancel(session)
    defer(tenant.turns, tenant.name)
    session.expired()
    if (isTakenUp) session.epoch += 1
    await nextTurn()
    assert.equal(tenant.sessions.has('ann'), isTakenUp)
  }
})

test('wills take no more than the tenant has room for, until they are gone', async () => {
  const quotas = { willBytes: 30 }
  const own = await startBroker({ anonymous: true, quotas })
  const connack = async (clientId: string): Promise<{ client: RawClient; code: number | undefined }> => {
    const client = await RawClient.open(own.port)
    const { reasonCode } = await client.connack({ clientId, ...KEPT, ...will('room/for/one/will', 60) })
    return { client, code: reasonCode }
  }
  // whatever was not given back in the first round would be missed in the second
  for (let round = 0; round < 2; round += 1) {
    const first = await connack('ann')
    assert.deepEqual([first.code, (await connack('bob')).code], [0, 0x97])
    first.client.socket.destroy()
    // its will waits, and is in nobody's way but others'
    assert.equal((await connack('bob')).code, 0x97)
    const back = await connack('ann')
    const over = await connack('ann')
    assert.deepEqual([back.code, over.code], [0, 0])
    over.client.send({ cmd: 'disconnect', reasonCode: 0 })
    await over.client.end()
    const second = await connack('bob')
    assert.equal(second.code, 0)
    second.client.send({ cmd: 'disconnect', reasonCode: 0 })
    await second.client.end()
  }
})
