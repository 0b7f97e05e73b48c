import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import path from 'node:path'
import { after, describe, it } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { NO_MOSQUITTO, run, subscribe, type Subscriber } from '../support/mosquitto.ts'
import { tempFolder } from '../support/temp-folder.ts'

const ACL = `# those without a name
topic read news/#
user ann
topic readwrite home/#
topic deny home/safe
topic write in/+
topic write news/a
user bob
topic read home/+
pattern read to/%u/#
pattern write from/%c/#
pattern readwrite end
`
const folder = tempFolder({ 'acl.txt': ACL })
const file = (name: string) => path.join(folder, name)

const noServer =
  spawnSync('mosquitto_passwd', ['--help']).error !== undefined ||
  spawnSync('mosquitto', ['-h']).error !== undefined
const skip = NO_MOSQUITTO || (noServer && 'mosquitto is not installed')

/** Starts the real mosquitto with the same two files. */
async function startMosquitto(): Promise<number> {
  const socket = createServer().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address() as { port: number }
  socket.close()
  await once(socket, 'close')
  writeFileSync(
    file('mosquitto.conf'),
    `listener ${port} 127.0.0.1\nuser ${userInfo().username}\nallow_anonymous true\n` +
      `password_file ${file('users.txt')}\nacl_file ${file('acl.txt')}\n`,
  )
  const child = spawn('mosquitto', ['-c', file('mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
  after(() => child.kill('SIGKILL'))
  for await (const chunk of child.stderr) if (String(chunk).includes('running')) break
  child.stderr.resume()
  return port
}

/** What a subscriber got until the last message, in an order of its own: there are several writers. */
async function allOf({ lines }: Subscriber): Promise<readonly string[]> {
  let got: readonly string[] = []
  while (!got.includes('end ')) {
    const more = await lines(got.length + 1)
    if (more.length === got.length) break
    got = [...more]
  }
  return got.toSorted()
}

const logins = [
  [],
  ['-u', 'ann', '-P', 'secret'],
  ['-u', 'bob', '-P', 'pä ss'],
  ['-u', 'ann', '-P', 'x'],
  ['-u', 'ann'],
  ['-u', 'eve', '-P', 'secret'],
]
const topics = [
  'news/a',
  'home/a',
  'home/a/b',
  'home/safe',
  'in/a',
  'to/ann/x',
  'to/bob/x',
  'from/w/x',
  'from/v/x',
]
const writers = [[], ['-u', 'ann', '-P', 'secret'], ['-u', 'bob', '-P', 'pä ss']]
const readers = [
  ['-i', 'r0'],
  ['-i', 'r1', '-u', 'ann', '-P', 'secret'],
  ['-i', 'r2', '-u', 'bob', '-P', 'pä ss'],
]

describe('the files of mosquitto', { skip }, async () => {
  if (skip !== false) return
  for (const [flag, user, password] of [
    ['-c', 'ann', 'secret'],
    [undefined, 'bob', 'pä ss'],
  ] as const)
    spawnSync('mosquitto_passwd', [
      '-b',
      ...(flag === undefined ? [] : [flag]),
      file('users.txt'),
      user,
      password,
    ])
  const { port } = await startBroker({
    anonymous: true,
    passwords: file('users.txt'),
    acl: file('acl.txt'),
  })
  const theirs = await startMosquitto()

  it('let the same clients in here as there', async () => {
    for (const login of logins) {
      const [here, there] = await Promise.all(
        [port, theirs].map((at) => run('mosquitto_pub', at, ['-t', 'a', '-m', 'x', '-V', '5', ...login])),
      )
      assert.equal(here?.code === 0, there?.code === 0, login.join(' '))
    }
  })

  it('give them the same topics', async () => {
    const heard = await Promise.all(
      [port, theirs].map(async (at) => {
        const subscribers = await Promise.all(
          readers.map((reader) => subscribe(at, [...reader, '-t', '#', '-q', '1', '-F', '%t %p'])),
        )
        await Promise.all(
          writers.map(async (writer, number) => {
            const who = ['-i', `w${number || ''}`, '-q', '1', '-m', String(number), ...writer]
            for (const topic of topics) await run('mosquitto_pub', at, [...who, '-t', topic])
          }),
        )
        await run('mosquitto_pub', at, ['-q', '1', '-t', 'end', '-m', ''])
        return Promise.all(subscribers.map(allOf))
      }),
    )
    const [here, there] = heard
    assert.ok(here?.every((lines) => lines.length > 1))
    assert.deepEqual(here, there)
  })
})
