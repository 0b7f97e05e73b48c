import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, describe, it } from 'node:test'
import { cliClient } from '../../../src/cli/cli-client.ts'
import { TestAuthority } from '../../support/certificates.ts'
import { connectWithInbox } from '../../support/mqttjs.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { bulkhead, startBulkhead } from './bulkhead.ts'
import { ForeignBroker, NO_FOREIGN_BROKER } from './foreign-broker.ts'

const authority = new TestAuthority()
const server = authority.issue(['localhost'])
const folder = tempFolder({
  'ca.pem': authority.ca,
  'server.pem': server.cert,
  'server.key': server.key,
  'file.yaml': `
client_id: filed
protocol_version: 5
keep_alive: 30
ping_delay: 5
cleansession: false
reconnect_retries: 7
username: alice
password: secret
will: { topic: w, message: gone }
connection: { uri: "mqtt://filed:1999" }
`,
  'logger/plugin.ts': `
    import { definePlugin } from 'bulkhead/plugin'
    export default definePlugin({
      for: 'client',
      capabilities: { log: true },
      onMqttPacketSent: ({ packet }, ctx) => ctx.log.info('sent ' + packet.cmd),
      onMqttPacketReceived: ({ packet }, ctx) => ctx.log.info('received ' + packet.cmd),
    })`,
})
const at = (name: string): string => path.join(folder, name)

describe('the flags over a config', () => {
  it('leave all as the config has it, where they say nothing', async () => {
    const { target, plan } = await cliClient({ c: at('file.yaml') })
    assert.deepEqual(target.options, { ...plan?.target, protocolId: 'MQTT' })
    assert.deepEqual([target.address, target.pingDelaySec, target.retry?.retries], ['filed:1999', 5, 7])
  })

  it('go before it, each alone', async () => {
    const { target } = await cliClient({
      config: at('file.yaml'),
      port: 7,
      keepalive: 9,
      id: 'me',
      username: 'bob',
    })
    const { host, port, keepalive, clientId, username, password, will } = target.options
    assert.deepEqual(
      [host, port, keepalive, clientId, username, password],
      ['filed', 7, 9, 'me', 'bob', 'secret'],
    )
    assert.equal(will?.topic, 'w')
    // the config's delay belongs to the config's keep alive
    assert.equal(target.pingDelaySec, undefined)
  })

  it('name another broker as a whole: the port of the config is not its own', async () => {
    const { target } = await cliClient({ c: at('file.yaml'), host: 'other' })
    assert.equal(target.address, 'other:1883')
    const { target: secured } = await cliClient({ c: at('file.yaml'), url: 'mqtts://other' })
    assert.deepEqual([secured.address, secured.options.protocol], ['other:8883', 'mqtts'])
  })

  it('are a config error where the config is wrong', async () => {
    await assert.rejects(cliClient({ c: at('none.yaml') }), { code: 'ERR_CONFIG_READ' })
  })
})

const FOREIGN = { skip: NO_FOREIGN_BROKER, concurrency: true }
const config = at('client.yaml')
let broker: ForeignBroker
let secured: ForeignBroker

before(async () => {
  if (NO_FOREIGN_BROKER !== false) return
  const tls = [`certfile ${at('server.pem')}`, `keyfile ${at('server.key')}`]
  broker = await ForeignBroker.start()
  secured = await ForeignBroker.start(['allow_anonymous true', ...tls])
  const written = {
    connection: { uri: `mqtt://127.0.0.1:${broker.port}` },
    default_qos: 1,
    topics: { own: { qos: 2 } },
    plugins: { [at('logger')]: null },
    sandbox: { limits: { softMs: 500, wallMs: 2000 } },
  }
  // JSON is YAML
  writeFileSync(config, JSON.stringify(written))
})

after(() => Promise.all([broker?.stop(), secured?.stop()]))

describe('pub', FOREIGN, () => {
  it('takes -c client.yaml: where to connect, how to publish, plugins that log to stderr', async () => {
    const { client, inbox } = await connectWithInbox(`mqtt://127.0.0.1:${broker.port}`)
    await client.subscribeAsync('own', { qos: 2 })
    const { code, stdout, stderr } = await bulkhead(['pub', '-c', config, '-t', 'own', '-m', 'x'])
    assert.deepEqual([code, stdout], [0, ''], stderr)
    const said = [...stderr.matchAll(/"msg":"((?:sent|received) \w+)"/g)].map(([, text]) => text)
    assert.deepEqual(said, [
      'sent connect',
      'received connack',
      'sent publish',
      'received pubrec',
      'sent pubrel',
      'received pubcomp',
      'sent disconnect',
    ])
    assert.deepEqual(
      (await inbox.take(1)).map(({ topic, qos }) => [topic, qos]),
      [['own', 2]],
    )
  })

  it('speaks TLS, and checks the host unless it is told not to', async () => {
    const message = ['-p', String(secured.port), '-t', 'a', '-m', 'x']
    const cafile = ['--cafile', at('ca.pem')]
    const [named, unnamed, insecure] = await Promise.all([
      bulkhead(['pub', '-h', 'localhost', ...message, ...cafile]),
      bulkhead(['pub', '-h', '127.0.0.1', ...message, ...cafile]),
      bulkhead(['pub', '-h', '127.0.0.1', ...message, ...cafile, '--insecure']),
    ])
    assert.deepEqual([named.code, named.stderr], [0, ''])
    assert.deepEqual([unnamed.code, insecure.code], [1, 0])
    assert.match(unnamed.stderr, /ERR_CLIENT: .*altnames/)
  })
})

describe('sub', FOREIGN, () => {
  it('with -E ends as soon as it is subscribed, and its session is kept', async () => {
    const session = ['sub', '-p', String(broker.port), '-i', 'early', '-c', '-q', '1', '-t', 'kept']
    const { code, stdout } = await bulkhead([...session, '-E'])
    assert.deepEqual([code, stdout], [0, ''])
    const { client } = await connectWithInbox(`mqtt://127.0.0.1:${broker.port}`)
    await client.publishAsync('kept', 'later', { qos: 1 })
    assert.equal((await bulkhead([...session, '-C', '1'])).stdout, 'later\n')
  })

  it('with -T leaves out what it matches, and -F says what is printed', async () => {
    const words = ['-t', 'tree/#', '-T', 'tree/dull/#', '-F', '%t=%p', '-C', '1', '-d']
    const subscriber = startBulkhead(['sub', '-p', String(broker.port), ...words])
    await subscriber.said(/received SUBACK/)
    const { client } = await connectWithInbox(`mqtt://127.0.0.1:${broker.port}`)
    await client.publishAsync('tree/dull/a', 'x')
    await client.publishAsync('tree/bright', 'y')
    const { stdout } = await subscriber.ended
    assert.match(stdout, /^tree\/bright=y$/m)
    assert.doesNotMatch(stdout, /^tree\/dull\/a=/m)
  })
})
