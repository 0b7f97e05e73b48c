import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { suite, test } from 'node:test'
import { parse } from 'yaml'
import { startBroker } from '../support/broker.ts'
import { type Finished, NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { connectClient, Inbox } from '../support/mqttjs.ts'

const EXAMPLES = path.join(import.meta.dirname, '..', '..', 'plugins-examples')

/** The config of an example’s README, but for the ports; `options`: in place of the plugin’s own there. */
function configOf(example: string, options?: object): Readonly<Record<string, unknown>> {
  const readme = readFileSync(path.join(EXAMPLES, example, 'README.md'), 'utf8')
  const [, yaml = ''] = /```yaml\n([^]*?)```/.exec(readme) ?? []
  const { listeners, plugins, ...config } = parse(yaml) as Record<string, unknown>
  assert.ok(listeners !== undefined)
  const placed = Object.entries(plugins as object).map(([name, written]) => [
    path.join(EXAMPLES, path.basename(name)),
    path.basename(name) === example ? (options ?? (written as object)) : (written as object),
  ])
  return { ...config, plugins: Object.fromEntries(placed) as unknown }
}

/** Who says so, for mosquitto’s clients. */
function as(user: string): readonly string[] {
  return ['-V', '5', '-u', user, '-P', 'wonderland', '-q', '1']
}

suite('acl-grants, as its README shows it', { skip: NO_MOSQUITTO }, async () => {
  const { port } = await startBroker(configOf('acl-grants'))
  const publish = (user: string, topic: string): Promise<Finished> =>
    run('mosquitto_pub', port, [...as(user), '-t', topic, '-m', 'on'])

  test('roles add up, and a denial of one of them beats what another allows, also on delivery', async () => {
    const bob = await subscribe(port, [...as('bob'), '-t', 'home/#', '-v'])
    for (const topic of ['home/bedroom/lamp', 'home/kitchen/lamp']) {
      assert.equal((await publish('alice', topic)).stderr, '')
    }
    assert.deepEqual((await bob.lines(1)).slice(0, 1), ['home/kitchen/lamp on'])
    assert.match((await publish('bob', 'home/bedroom/lamp')).stderr, /Not authorized/i)
    assert.equal((await publish('bob', 'home/kitchen/lamp')).stderr, '')
  })

  test('what no grant speaks of is refused, and so is who does not know the password', async () => {
    assert.match((await publish('alice', 'garden/gate')).stderr, /Not authorized/i)
    const stranger = ['-V', '5', '-u', 'alice', '-P', 'guess', '-t', 'home/x', '-m', 'on']
    assert.notEqual((await run('mosquitto_pub', port, stranger)).code, 0)
  })
})

suite('envelope, as its README shows it', async () => {
  const { url } = await startBroker(configOf('envelope'))

  test('an old topic becomes the new one, stamped with who published it', async () => {
    const client = await connectClient(url, { protocolVersion: 5 })
    const inbox = new Inbox(client)
    await client.subscribeAsync('home/#', { qos: 1 })
    const forged = { properties: { userProperties: { publisher: 'root', unit: 'C' } } }
    await client.publishAsync('legacy/kitchen/lamp', 'on', { qos: 1, ...forged })
    const [message] = await inbox.take(1)
    assert.equal(message?.topic, 'home/kitchen/lamp')
    assert.deepEqual({ ...message.packet.properties?.userProperties }, { unit: 'C', publisher: 'anonymous' })
  })

  test('the topic ACL is asked about the new name: a rename leads nobody past it', async () => {
    const { url: other } = await startBroker(configOf('envelope', { rename: { legacy: 'garden' } }))
    const client = await connectClient(other, { protocolVersion: 5 })
    await client.publishAsync('home/lamp', 'on', { qos: 1 })
    await assert.rejects(client.publishAsync('legacy/gate', 'open', { qos: 1 }), { code: 0x87 })
  })
})
