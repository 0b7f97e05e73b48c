import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { suite, test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { type Finished, NO_MOSQUITTO, run, subscribe } from '../support/mosquitto.ts'
import { connectClient, Inbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** What a tool of others prints or writes; undefined: the tool is not installed here. */
function made(command: string, ...args: readonly string[]): string | undefined {
  const { error, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return error === undefined ? stdout.trim() : undefined
}

/** Of `wonderland`: one line a tool, the user called by it. */
const LINES: Readonly<Record<string, string | undefined>> = {
  htpasswd: made('htpasswd', '-nbB', '-C', '4', 'htpasswd', 'wonderland'),
  openssl: `openssl:${made('openssl', 'passwd', '-6', 'wonderland') ?? ''}`,
  argon2: 'argon2:$argon2id$v=19$m=256,t=1,p=1$JJxKS+MPHNL/B2NEJgBEEA$9YIsm0tXMtaJOagi5FEzbQ',
}

const passwords = path.join(tempFolder({ passwd: `${Object.values(LINES).join('\n')}\n` }), 'passwd')
const users = Object.keys(LINES).filter((user) => LINES[user] !== undefined)
if (made('mosquitto_passwd', '-b', passwords, 'mosquitto', 'wonderland') !== undefined)
  users.push('mosquitto')

const { broker, port } = await startBroker({
  listeners: {
    mqtt: { type: 'tcp', bind: '127.0.0.1:0' },
    shadows: { type: 'tcp', bind: '127.0.0.1:0' },
  },
  tenants: {
    house: {
      match: { listener: 'mqtt' },
      allow: { password: true },
      plugins: {
        'amqtt.plugins.logging_amqtt.PacketLoggerPlugin': {},
        'amqtt.plugins.authentication.AnonymousAuthPlugin': { allow_anonymous: true },
        'amqtt.plugins.authentication.FileAuthPlugin': { password_file: passwords },
        'amqtt.plugins.topic_checking.TopicTabooPlugin': {},
        'amqtt.plugins.topic_checking.TopicAccessControlListPlugin': {
          publish_acl: { htpasswd: ['#'], anonymous: ['public/#'] },
          receive_acl: { anonymous: ['public/+'] },
        },
      },
    },
    shadows: {
      match: { listener: 'shadows' },
      plugins: {
        'amqtt.plugins.authentication.AnonymousAuthPlugin': { allow_anonymous: false },
        'amqtt.contrib.shadows.ShadowPlugin': {},
        'amqtt.contrib.shadows.ShadowTopicAuthPlugin': { superusers: ['app'] },
      },
    },
  },
})

function publish(topic: string, ...as: readonly string[]): Promise<Finished> {
  return run('mosquitto_pub', port, ['-V', '5', '-q', '1', '-t', topic, '-m', 'on', ...as])
}

suite("aMQTT's plugins, by aMQTT's names and options", { skip: NO_MOSQUITTO }, () => {
  for (const user of users) {
    test(`a password hashed by ${user} admits, any other does not`, async () => {
      const right = await run('mosquitto_pub', port, ['-u', user, '-P', 'wonderland', '-t', 'x', '-n'])
      assert.equal(right.code, 0, right.stderr)
      const wrong = await run('mosquitto_pub', port, ['-u', user, '-P', 'guess', '-t', 'x', '-n'])
      assert.equal(wrong.code, 4, wrong.stderr)
    })
  }

  test('publishing follows its list, and what is taboo is refused whatever the list says', async () => {
    assert.equal((await publish('public/a')).stderr, '')
    assert.match((await publish('home/a')).stderr, /Not authorized/i)
    const user = ['-u', 'htpasswd', '-P', 'wonderland']
    assert.equal((await publish('home/a', ...user)).stderr, '')
    assert.match((await publish('data/classified', ...user)).stderr, /Not authorized/i)
    assert.match((await publish('home/a', '-u', 'argon2', '-P', 'wonderland')).stderr, /Not authorized/i)
  })

  test('who may subscribe to all gets what its list of receiving names', async () => {
    const stranger = await subscribe(port, ['-t', '#', '-v', '-q', '1'])
    const user = ['-u', 'htpasswd', '-P', 'wonderland']
    for (const topic of ['home/a', 'public/a/b', 'public/a']) await publish(topic, ...user)
    assert.deepEqual((await stranger.lines(1)).slice(0, 1), ['public/a on'])
  })
})

function update(state: object): string {
  return JSON.stringify({ state })
}

suite('the shadow of a device', () => {
  const url = broker.listeners.find(({ name }) => name === 'shadows')?.url ?? ''

  test('is kept while the device is away, and tells the application when it has followed', async () => {
    const app = await connectClient(url, { protocolVersion: 5, username: 'app' })
    const heard = new Inbox(app)
    await app.subscribeAsync('$shadow/+/main/update/delta', { qos: 1 })
    await app.publishAsync('$shadow/lamp/main/update', update({ desired: { lumens: 80 } }), { qos: 1 })
    await heard.take(1)

    const lamp = await connectClient(url, { protocolVersion: 5, username: 'lamp' })
    const inbox = new Inbox(lamp)
    await lamp.subscribeAsync('$shadow/lamp/main/#', { qos: 1 })
    await lamp.publishAsync('$shadow/lamp/main/get', '', { qos: 1 })
    const answers = (await inbox.take(2)).map(({ topic, payload }) => [topic, payload] as const)
    const accepted = answers.find(([topic]) => topic.endsWith('get/accepted'))?.[1] ?? '{}'
    assert.deepEqual((JSON.parse(accepted) as { state: unknown }).state, {
      desired: { lumens: 80 },
      reported: {},
    })

    await lamp.publishAsync('$shadow/lamp/main/update', update({ reported: { lumens: 80 } }), { qos: 1 })
    const deltas = (await heard.take(2)).map(
      ({ payload }) => (JSON.parse(payload) as { state: unknown }).state,
    )
    assert.deepEqual(deltas, [{ lumens: 80 }, {}])
  })

  test('is the device’s own: no other device reads or changes it', async () => {
    const fan = await connectClient(url, { protocolVersion: 5, username: 'fan' })
    await assert.rejects(fan.publishAsync('$shadow/lamp/main/update', '{}', { qos: 1 }), { code: 0x87 })
    await assert.rejects(fan.subscribeAsync('$shadow/lamp/main/#'))
    await assert.rejects(connectClient(url, { protocolVersion: 5 }))
  })
})
