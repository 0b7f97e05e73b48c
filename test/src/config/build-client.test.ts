import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import type { ClientConfig } from '../../../src/config/client-config.ts'
import { loadClientConfig } from '../../../src/config/load-client-config.ts'
import { TestAuthority } from '../../support/certificates.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const authority = new TestAuthority()
const own = authority.issue(['me'])
const folder = tempFolder({
  'ca.pem': authority.ca,
  'own.pem': own.cert,
  'own.key': own.key,
  'logger/plugin.ts': 'export default {}',
})

const load = (config: Readonly<Record<string, unknown>>): Promise<ClientConfig> =>
  loadClientConfig(config, {})

async function mistakes(config: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const error: unknown = await load(config).then(
    () => assert.fail('it was accepted'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof Error)
  return error.message.split('\n')
}

it("without anything it is aMQTT's default, but for the packet logger", async () => {
  const config = await load({})
  assert.deepEqual([config.broker.host, config.broker.port, config.keepAliveSec], ['127.0.0.1', 1883, 10])
  assert.deepEqual(config.reconnect, { retries: 2, maxIntervalMs: 10_000 })
  assert.deepEqual([config.cleanSession, config.protocolVersion, config.plugins], [true, 4, []])
})

it('retries may be none, or without end', async () => {
  assert.equal((await load({ auto_reconnect: false })).reconnect, undefined)
  assert.equal((await load({ reconnect_retries: 0 })).reconnect, undefined)
  assert.equal((await load({ reconnect_retries: -1 })).reconnect?.retries, Number.POSITIVE_INFINITY)
})

it('the user of the URI is the one, unless the config names another', async () => {
  const connection = { uri: 'mqtt://alice:one@h' }
  const both = await Promise.all([
    load({ connection }),
    load({ connection, username: 'bob', password: 'two' }),
  ])
  assert.deepEqual(
    both.map(({ username, password }) => [username, password]),
    [
      ['alice', 'one'],
      ['bob', 'two'],
    ],
  )
})

it('certificates are read, those of authorities from wherever they are', async () => {
  const { tls } = await load({
    connection: {
      cafile: path.join(folder, 'ca.pem'),
      cadata: own.cert,
      certfile: path.join(folder, 'own.pem'),
      keyfile: path.join(folder, 'own.key'),
    },
    check_hostname: false,
    verify_cert: false,
  })
  assert.deepEqual(tls.authorities, [authority.ca, own.cert])
  assert.deepEqual(tls.own, own)
  assert.deepEqual([tls.checkHostname, tls.verifyCert], [false, false])
})

it('what makes no sense is said, all of it at once', async () => {
  const said = await mistakes({
    connection: { uri: 'mqtt://user:secret@', certfile: path.join(folder, 'own.pem'), cadata: 'x' },
    broker: {},
    verify_cert: false,
    keep_alive: 1,
    plugins: { './none': null },
  })
  assert.deepEqual(
    said.map((line) => line.split(':')[0]),
    [
      '"broker" is an older name of "connection"',
      'connection.uri',
      'keep_alive',
      'verify_cert',
      'connection',
      'connection.cadata',
      'plugins',
    ],
  )
  assert.doesNotMatch(said.join('\n'), /secret/)
})

it('a plugin has what a client can give, and nobody asks it anything', async () => {
  const use = path.join(folder, 'logger')
  const { plugins } = await load({ plugins: { log: { use, capabilities: { kv: false } } } })
  assert.deepEqual([plugins[0]?.name, plugins[0]?.path, plugins[0]?.allow.log], ['log', use, true])
  assert.deepEqual([plugins[0]?.allow.kv, plugins[0]?.allow.fetch], [undefined, undefined])
  const said = await mistakes({ plugins: { log: { use, onFault: { authenticate: 'deny' } } } })
  assert.match(said[0] ?? '', /plugins\.log: a client's plugins are told, and asked nothing/)
})

it('there are no more plugins than the sandbox has room for', async () => {
  const plugins = { a: { use: folder }, b: { use: folder } }
  assert.deepEqual(await mistakes({ plugins, sandbox: { limits: { plugins: 1 } } }), [
    '2 plugins, but sandbox.limits.plugins is 1',
  ])
})
