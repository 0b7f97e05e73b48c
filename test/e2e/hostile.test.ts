import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import type { MqttClient } from 'mqtt'
import { startBroker } from '../support/broker.ts'
import { publishPlugin } from '../support/gate-plugin.ts'
import { connectClient, Inbox } from '../support/mqttjs.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** Plugins that misbehave in exactly one way on topics under `bad/`, and allow the rest. */
const HOSTILE: Readonly<Record<string, string>> = {
  loops: "if (event.topic.startsWith('bad/')) for (;;) {} ; return allow()",
  throws: "if (event.topic.startsWith('bad/')) throw new Error('no'); return allow()",
  nonsense: "return event.topic.startsWith('bad/') ? { verdict: 'maybe', superuser: true } : allow()",
  forgets: "if (!event.topic.startsWith('bad/')) return allow()",
  hoards: "if (event.topic.startsWith('bad/')) { const a = []; for (;;) a.push({}) } ; return allow()",
  waits: "return event.topic.startsWith('bad/') ? new Promise(() => {}) : allow()",
  sticks: "if (event.topic.startsWith('bad/')) [].includes.call({ length: 2 ** 53 - 1 }, 1); return allow()",
}

const names = Object.keys(HOSTILE)
const folder = tempFolder(
  Object.fromEntries(names.map((name) => [`${name}/plugin.ts`, publishPlugin(HOSTILE[name] ?? '')])),
)
const { url, broker } = await startBroker({
  tenants: {
    bystander: {
      match: { usernamePrefix: 'by:' },
      anonymous: true,
      plugins: { [path.join(folder, 'throws')]: null },
    },
    ...Object.fromEntries(
      names.map((name) => [
        name,
        {
          match: { usernamePrefix: `${name}:` },
          anonymous: true,
          plugins: { [path.join(folder, name)]: null },
        },
      ]),
    ),
  },
})

describe('a plugin that misbehaves harms nobody but its own tenant', { timeout: 120_000 }, () => {
  for (const name of names) {
    test(`one that ${name}: its message is refused, its tenant goes on, a bystander is not slowed`, async () => {
      const client = await connectClient(url, { username: `${name}:u`, protocolVersion: 5 })
      const bystander = await connectClient(url, { username: 'by:u', protocolVersion: 5 })
      const inbox = new Inbox(bystander)
      await bystander.subscribeAsync('ok/#', { qos: 1 })
      const refused = refusal(client, 'bad/x')
      const worstMs = await roundTrips(bystander, inbox, 20)
      assert.equal(await refused, 0x87)
      assert.ok(worstMs < 2000, `a bystander's round trip took ${worstMs} ms`)
      await eventually(() => client.publishAsync('ok/x', 'again', { qos: 1 }))
      assert.ok(client.connected && bystander.connected, 'nobody was disconnected')
    })
  }
})

test('a cell killed under load: nobody is disconnected, every message is answered, verdicts are right again', {
  timeout: 60_000,
}, async () => {
  const client = await connectClient(url, { username: 'throws:load', protocolVersion: 5 })
  const inbox = new Inbox(client)
  await client.subscribeAsync('ok/#', { qos: 1 })
  const pid = broker.cells.get('throws')
  assert.ok(pid)
  const answers: Promise<boolean>[] = []
  for (let i = 0; i < 2000; i++) {
    answers.push(
      client.publishAsync('ok/load', `${i}`, { qos: 1 }).then(
        () => true,
        () => false,
      ),
    )
    if (i === 1000) process.kill(pid, 'SIGKILL')
    if (i % 50 === 49) await answers.at(-1)
  }
  const passed = (await Promise.all(answers)).filter(Boolean).length
  assert.ok(client.connected)
  assert.deepEqual((await inbox.take(passed)).length, passed, 'what was acknowledged was delivered')
  await eventually(() => client.publishAsync('ok/again', 'x', { qos: 1 }))
  assert.equal(await refusal(client, 'bad/x'), 0x87)
  const again = broker.cells.get('throws')
  assert.ok(again !== undefined && again !== pid, 'a new cell serves')
})

/** The code with which a publish is refused. */
async function refusal(client: MqttClient, topic: string): Promise<number | undefined> {
  try {
    await client.publishAsync(topic, 'x', { qos: 1 })
    return 0
  } catch (error) {
    return (error as { code?: number }).code
  }
}

/** The slowest of so many publishes that come back. */
async function roundTrips(client: MqttClient, inbox: Inbox, count: number): Promise<number> {
  let worst = 0
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    await client.publishAsync('ok/ping', `${i}`, { qos: 1 })
    await inbox.take(inbox.messages.length + (inbox.messages.length > i ? 0 : 1))
    worst = Math.max(worst, performance.now() - start)
  }
  return worst
}

/** A cell that starts again refuses what it cannot decide in time; the next attempts get through. */
async function eventually(attempt: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await attempt()
      return
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
