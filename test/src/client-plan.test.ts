import assert from 'node:assert/strict'
import { it } from 'node:test'
import { clientPlan, newClientId, secured } from '../../src/client-plan.ts'
import { loadClientConfig } from '../../src/config/load-client-config.ts'

const plan = async (config: Readonly<Record<string, unknown>>) =>
  clientPlan(await loadClientConfig(config, {}))

it('a config becomes options of the library', async () => {
  const { target, address, retry, pingDelaySec } = await plan({
    client_id: 'me',
    username: 'alice',
    password: 'secret',
    keep_alive: 30,
    connection_timeout: 5,
    will: { topic: 'w', message: 'gone', qos: 1, retain: true },
    broker: { uri: 'mqtt://[::1]:7' },
  })
  assert.deepEqual(target, {
    protocol: 'mqtt',
    host: '::1',
    port: 7,
    protocolVersion: 4,
    clientId: 'me',
    clean: true,
    keepalive: 30,
    connectTimeout: 5000,
    username: 'alice',
    password: 'secret',
    will: { topic: 'w', payload: Buffer.from('gone'), qos: 1, retain: true },
  })
  assert.deepEqual(
    [address, retry, pingDelaySec],
    ['::1:7', { retries: 2, maxIntervalMs: 10_000, fromStart: true }, 1],
  )
})

it('a session that is kept is kept for ever, which MQTT 5 must be told', async () => {
  const kept = [4, 5].map((version) => plan({ protocol_version: version, cleansession: false }))
  const expiries = (await Promise.all(kept)).map(({ target }) => target.properties?.sessionExpiryInterval)
  assert.deepEqual(expiries, [undefined, 0xffff_ffff])
})

it('what is not checked of a certificate is said to Node.js, and of a plain connection nothing', async () => {
  const relaxed = { check_hostname: false, verify_cert: false }
  const { target } = await plan({ ...relaxed, connection: { uri: 'mqtts://h' } })
  assert.equal(target.rejectUnauthorized, false)
  const strict = await plan({ connection: { uri: 'mqtts://h' } })
  assert.deepEqual([strict.target.rejectUnauthorized, 'checkServerIdentity' in strict.target], [true, false])
  assert.equal('rejectUnauthorized' in (await plan(relaxed)).target, false)
})

it('a WebSocket gets what is said of certificates by itself, over what it had', () => {
  const options = secured('wss', { servername: 'h' }, { wsOptions: { headers: { a: 'b' } } })
  assert.deepEqual(options, { servername: 'h', wsOptions: { headers: { a: 'b' }, servername: 'h' } })
  assert.deepEqual(secured('mqtts', { servername: 'h' }), { servername: 'h' })
})

it('a client identifier of ours is one that nobody else has', () => {
  assert.notEqual(newClientId(), newClientId())
})
