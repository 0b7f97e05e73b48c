import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { Client } from '../../src/client/client.ts'
import { clientPlan } from '../../src/client-plan.ts'
import { loadClientConfig } from '../../src/config/load-client-config.ts'
import { createClient, openClientPlugins } from '../../src/create-client.ts'
import type { Log } from '../../src/observe/log.ts'
import { TestAuthority } from '../support/certificates.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ForeignBroker, NO_FOREIGN_BROKER } from './cli/foreign-broker.ts'

const folder = tempFolder({
  'recorder/plugin.ts': `
    import { definePlugin, text } from 'bulkhead/plugin'
    export default definePlugin({
      for: 'client',
      config: {
        type: 'object',
        properties: { word: { type: 'string', default: 'saw' } },
        additionalProperties: false,
      },
      capabilities: { log: true, payload: true, kv: { bytes: 100 } },
      onMqttPacketSent: ({ packet }, ctx) => {
        const fields = packet.cmd === 'publish' ? { text: text(packet) } : packet
        ctx.log.info(ctx.config.word + ' > ' + packet.cmd, fields)
      },
      onMqttPacketReceived: async ({ packet, client }, ctx) => {
        await ctx.kv.set('last', packet.cmd)
        ctx.log.info(ctx.config.word + ' < ' + packet.cmd, { client: typeof client, tenant: 'tenant' in ctx })
      },
      onClose: (_event, ctx) => ctx.log.info('closed'),
    })`,
  'spin/plugin.ts': `
    import { definePlugin } from 'bulkhead/plugin'
    export default definePlugin({ for: 'client', onMqttPacketSent: () => { for (;;) {} } })`,
  'gate/plugin.ts': `
    import { allow, definePlugin } from 'bulkhead/plugin'
    export default definePlugin({ capabilities: { password: true }, authenticate: () => allow() })`,
  'plain/plugin.ts': `
    import { definePlugin } from 'bulkhead/plugin'
    export default definePlugin({ onMqttPacketSent: () => undefined })`,
  'broken/plugin.ts': `
    import { definePlugin } from 'bulkhead/plugin'
    export default definePlugin({
      for: 'client',
      setup: () => { throw new Error('no luck') },
      onMqttPacketSent: () => undefined,
    })`,
})

const at = (name: string): string => path.join(folder, name)

/** A log that a test can read. */
class Lines implements Log {
  readonly lines: { readonly text: string; readonly fields: object }[] = []
  #wake: (() => void)[] = []

  write(_level: string, _tenant: string, line: () => { text: string; fields: object }): void {
    this.lines.push(line())
    for (const wake of this.#wake.splice(0)) wake()
  }

  async written(): Promise<void> {}

  /** Waits for a line with this text; the test's own stop ends a wait that is in vain. */
  async line(text: string | RegExp): Promise<{ readonly text: string; readonly fields: object }> {
    for (;;) {
      const found = this.lines.find((line) =>
        typeof text === 'string' ? line.text === text : text.test(line.text),
      )
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
  }
}

const FOREIGN = { skip: NO_FOREIGN_BROKER, concurrency: true }
let broker: ForeignBroker

before(async () => {
  if (NO_FOREIGN_BROKER === false) broker = await ForeignBroker.start()
})

after(() => broker?.stop())

/** A client with these plugins, and their log. */
async function clientWith(
  t: TestContext,
  plugins: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly client: Client; readonly log: Lines }> {
  const log = new Lines()
  const connection = { uri: `mqtt://alice:secret@127.0.0.1:${broker.port}` }
  const config = await loadClientConfig({ connection, plugins, ...more }, {})
  const client = new Client(clientPlan(config), () => openClientPlugins(config, log))
  t.after(() => client.disconnect())
  return { client, log }
}

describe('a client with plugins', FOREIGN, () => {
  it('tells them of every packet, sent and received, and of the end', async (t) => {
    const patient = { sandbox: { limits: { softMs: 500, wallMs: 2000 } } }
    const plugins = { [at('recorder')]: { word: 'heard' } }
    const { client, log } = await clientWith(t, plugins, { keep_alive: 60, ping_delay: 59, ...patient })
    await client.connect()
    await client.subscribe('heard', { qos: 1 })
    await client.publish('heard', 'hello', { qos: 1 })
    await log.line('heard < pingresp')
    await client.disconnect()
    assert.equal(log.lines.at(-1)?.text, 'closed')
    const said = new Set(log.lines.map(({ text }) => text))
    for (const packet of ['connect', 'subscribe', 'publish', 'puback', 'pingreq', 'disconnect'])
      assert.ok(said.has(`heard > ${packet}`), packet)
    for (const packet of ['connack', 'suback', 'puback', 'publish', 'pingresp'])
      assert.ok(said.has(`heard < ${packet}`), packet)
    const connect = await log.line('heard > connect')
    assert.match(JSON.stringify(connect.fields), /"username":"alice"/)
    assert.doesNotMatch(JSON.stringify(log.lines), /secret/)
    assert.match(JSON.stringify((await log.line('heard > publish')).fields), /"text":"hello"/)
    // whose packets they are goes without saying
    assert.match(
      JSON.stringify((await log.line('heard < connack')).fields),
      /"client":"undefined","tenant":false/,
    )
  })

  it('one that loops stalls nobody, is stopped each time, and what it cannot take is counted', async (t) => {
    const { client, log } = await clientWith(t, { [at('spin')]: null })
    await client.connect()
    const sent = Array.from({ length: 1024 }, () => client.publish('a', 'x', { qos: 2 }))
    await Promise.all(sent)
    const faulted = await log.line(/onMqttPacketSent ended in/)
    assert.match(faulted.text, /ended in (timeout|deadline)/)
    await log.line(/packets to tell spin of, dropped/)
    await client.publish('a', 'x', { qos: 2 })
  })
})

describe('a client with plugins that are not for it', FOREIGN, () => {
  it('one for a broker is refused, and told how to be one for both', async (t) => {
    for (const name of ['gate', 'plain']) {
      const { client } = await clientWith(t, { [at(name)]: null }, { allow: { password: true } })
      await assert.rejects(client.connect(), {
        code: 'ERR_PLUGIN_MANIFEST',
        message: new RegExp(`plugin ${name} is made for a broker, and this is a client: .*for: 'client'`),
      })
    }
  })

  it('one that does not activate, or has wrong options, stops the start', async (t) => {
    const broken = await clientWith(t, { [at('broken')]: null })
    await assert.rejects(broken.client.connect(), {
      code: 'ERR_PLUGIN_LOAD',
      message: /plugin broken: .*no luck/,
    })
    const wrong = await clientWith(t, { [at('recorder')]: { wrod: 'x' } })
    await assert.rejects(wrong.client.connect(), {
      code: 'ERR_PLUGIN_CONFIG',
      message: /plugin recorder: .*wrod/,
    })
  })
})

/** Connects, and says how it went. */
async function tryTo(
  port: number,
  trust: Readonly<Record<string, string>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const connection = { uri: `mqtts://127.0.0.1:${port}`, ...trust }
  await using client = await createClient({ connection, auto_reconnect: false, ...more }, { log: 'silent' })
  try {
    await client.connect()
    return 'connected'
  } catch (error) {
    return (error as Error).message
  }
}

describe('a client over TLS', { skip: NO_FOREIGN_BROKER }, () => {
  const authority = new TestAuthority()
  const [server, own] = [authority.issue(['localhost', '127.0.0.1']), authority.issue(['me'])]
  const elsewhere = authority.issue(['elsewhere'])
  const files = tempFolder({
    'ca.pem': authority.ca,
    'server.pem': server.cert,
    'server.key': server.key,
    'elsewhere.pem': elsewhere.cert,
    'elsewhere.key': elsewhere.key,
    'own.pem': own.cert,
    'own.key': own.key,
  })
  const file = (name: string): string => path.join(files, name)
  const brokers: ForeignBroker[] = []

  /** A mosquitto with this certificate. */
  async function start(name: string, ...more: readonly string[]): Promise<number> {
    const lines = ['allow_anonymous true', `certfile ${file(name)}.pem`, `keyfile ${file(name)}.key`, ...more]
    const broker = await ForeignBroker.start(lines)
    brokers.push(broker)
    return broker.port
  }

  after(() => Promise.all(brokers.map((broker) => broker.stop())))

  it('trusts whom the config names, and nobody else', async () => {
    const port = await start('server')
    const cafile = file('ca.pem')
    assert.equal(await tryTo(port, { cafile }), 'connected')
    assert.equal(await tryTo(port, { cadata: authority.ca }), 'connected')
    assert.match(await tryTo(port, {}), /unable to (get|verify)/)
    const unverified = { check_hostname: false, verify_cert: false }
    assert.equal(await tryTo(port, {}, unverified), 'connected')
  })

  it('looks for the host in the certificate, unless check_hostname is false', async () => {
    const port = await start('elsewhere')
    const cafile = file('ca.pem')
    assert.match(await tryTo(port, { cafile }), /altnames/)
    assert.equal(await tryTo(port, { cafile }, { check_hostname: false }), 'connected')
    assert.match(await tryTo(port, {}, { check_hostname: false }), /unable to (get|verify)/)
  })

  it('shows its own certificate where the broker asks for one', async () => {
    const port = await start('server', `cafile ${file('ca.pem')}`, 'require_certificate true')
    const cafile = file('ca.pem')
    const shown = { cafile, certfile: file('own.pem'), keyfile: file('own.key') }
    assert.equal(await tryTo(port, shown), 'connected')
    assert.notEqual(await tryTo(port, { cafile }), 'connected')
  })
})
