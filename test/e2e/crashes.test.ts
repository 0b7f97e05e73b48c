import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { after, test } from 'node:test'
import mqtt, { type MqttClient } from 'mqtt'
import { BrokerProcess } from '../support/broker-process.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** A share of what the environment asks for at length: hundreds take minutes. */
const CRASHES = Number(process.env['BULKHEAD_CRASHES'] ?? 4)
const UNDER_WAY = 40
const MOST_MS = 400
const TOPICS = 8

/** A broker over one folder, which is killed and started anew; its clients go where it is. */
class CrashingBroker {
  readonly #config = {
    listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
    data: tempFolder({}),
    anonymous: true,
  }
  readonly #clients: MqttClient[] = []
  #process: BrokerProcess | null = null

  async start(): Promise<void> {
    this.#process = await BrokerProcess.start(this.#config)
    for (const client of this.#clients) client.options.port = this.#process.port
  }

  async crash(): Promise<void> {
    const child = this.#process?.child
    child?.kill('SIGKILL')
    if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  /** A client of a library that keeps its side of QoS 1 and 2 whatever happens to its connection. */
  async client(clientId: string): Promise<MqttClient> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${this.#process?.port}`, {
      clientId,
      protocolVersion: 5,
      clean: false,
      properties: { sessionExpiryInterval: 3600 },
      reconnectPeriod: 20,
      resubscribe: false,
    })
    // a broker that is not there is what this is about: it tries again
    client.on('error', () => undefined)
    this.#clients.push(client)
    after(() => void client.end(true))
    await connected(client)
    return client
  }
}

/** Attempts that fail are no end of it, as they would be to `once`. */
async function connected(client: MqttClient): Promise<void> {
  if (client.connected) return
  await new Promise<void>((resolve) => client.once('connect', () => resolve()))
}

async function message(client: MqttClient): Promise<void> {
  await new Promise<void>((resolve) => client.once('message', () => resolve()))
}

/** Publishes numbers without end, on topics of one QoS, as fast as they are acknowledged. */
class Publishing {
  readonly acknowledged = new Map<string, number[]>()
  readonly #client: MqttClient
  readonly #qos: 1 | 2
  #next = 0
  #running: Promise<void>[] = []
  #goesOn = true

  constructor(client: MqttClient, qos: 1 | 2) {
    this.#client = client
    this.#qos = qos
    for (let lane = 0; lane < UNDER_WAY; lane += 1) this.#running.push(this.#lane(`q${qos}/${lane % TOPICS}`))
  }

  /** Resolves when everything that was sent is acknowledged. */
  async stop(): Promise<void> {
    this.#goesOn = false
    await Promise.all(this.#running)
  }

  async #lane(topic: string): Promise<void> {
    while (this.#goesOn) {
      const number = this.#next
      this.#next += 1
      // what the library gives up with a connection is not acknowledged, and may have arrived
      const isAcknowledged = await this.#client
        .publishAsync(topic, String(number), { qos: this.#qos, retain: true })
        .then(
          () => true,
          () => false,
        )
      if (!isAcknowledged) continue
      const numbers = this.acknowledged.get(topic) ?? []
      this.acknowledged.set(topic, numbers)
      numbers.push(number)
    }
  }
}

test(`after ${CRASHES} crashes nothing acknowledged is lost, and QoS 2 has come once`, async (t) => {
  const broker = new CrashingBroker()
  await broker.start()
  const received = new Map<string, number[]>()
  const subscriber = await broker.client('subscriber')
  subscriber.on('message', (topic, payload) => {
    const numbers = received.get(topic) ?? []
    received.set(topic, numbers)
    numbers.push(Number(payload.toString()))
  })
  // once: a broker that forgets it sends nothing more
  await subscriber.subscribeAsync('+/+', { qos: 2 })
  const publisher = await broker.client('publisher')
  const publishing = [new Publishing(publisher, 1), new Publishing(publisher, 2)]
  for (let crash = 0; crash < CRASHES; crash += 1) {
    await sleep(Math.random() * MOST_MS)
    await broker.crash()
    await broker.start()
    await connected(publisher)
  }
  await Promise.all(publishing.map((each) => each.stop()))
  // behind all that waits for it, topic by topic
  for (const each of publishing) {
    for (const topic of each.acknowledged.keys()) {
      await publisher.publishAsync(topic, '-1', { qos: topic.startsWith('q1') ? 1 : 2, retain: true })
    }
  }
  const isDone = (topic: string): boolean => received.get(topic)?.includes(-1) === true
  const topics = publishing.flatMap((each) => [...each.acknowledged.keys()])
  while (!topics.every(isDone)) await message(subscriber)

  const counts = { acknowledged: 0, again: 0 }
  for (const each of publishing) {
    for (const [topic, numbers] of each.acknowledged) {
      const got = new Map<number, number>()
      for (const number of received.get(topic) ?? []) got.set(number, (got.get(number) ?? 0) + 1)
      const lost = numbers.filter((number) => !got.has(number))
      const doubled = [...got].filter(([, times]) => times > 1).map(([number]) => number)
      counts.acknowledged += numbers.length
      counts.again += doubled.length
      assert.deepEqual(lost, [], `lost on ${topic}`)
      if (topic.startsWith('q2')) assert.deepEqual(doubled, [], `twice on ${topic}`)
    }
  }
  t.diagnostic(JSON.stringify(counts))
  const late = await broker.client('late')
  const retained = new Map<string, string>()
  late.on('message', (topic, payload) => void retained.set(topic, payload.toString()))
  await late.subscribeAsync('+/+', { qos: 1 })
  while (retained.size < topics.length) await message(late)
  assert.deepEqual([...new Set(retained.values())], ['-1'])
  await broker.crash()
})
