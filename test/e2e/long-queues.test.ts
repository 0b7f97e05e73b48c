import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startBroker } from '../support/broker.ts'
import { crashImage } from '../support/crash-image.ts'
import { RawClient } from '../support/raw-client.ts'
import { dataFolder } from '../support/sqlite-engine.ts'

/** Many windows of the queue, and some more while it is drained. */
const WHILE_AWAY = 900
const MEANWHILE = 200
const AT_ONCE = 20

/** Publishes numbers in turn at QoS 1 and 2, some at once; all are acknowledged when it resolves. */
class Numbers {
  readonly #client: RawClient
  #next: number

  constructor(client: RawClient, first: number) {
    this.#client = client
    this.#next = first
  }

  async publish(count: number): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE) {
      for (let n = 0; n < AT_ONCE; n += 1) {
        const qos = this.#next % 2 === 0 ? 2 : 1
        this.#client.publish({ topic: 'n', payload: `${this.#next}`, qos, messageId: this.#next })
        this.#next += 1
      }
      for (let open = AT_ONCE; open > 0; ) {
        const { cmd, messageId = 0 } = await this.#client.expect('puback', 'pubrec', 'pubcomp')
        if (cmd === 'pubrec') this.#client.send({ cmd: 'pubrel', messageId })
        else open -= 1
      }
    }
  }
}

/** Acknowledges what it gets, and keeps its side of QoS 2 over its connections. */
class Reader {
  /** In the order in which they came first. */
  readonly numbers: number[] = []
  /** Of QoS 2, what was not released, by packet identifier. */
  readonly #held = new Map<number, number>()

  async connect(port: number): Promise<RawClient> {
    const properties = { sessionExpiryInterval: 600, receiveMaximum: AT_ONCE }
    return RawClient.connect(port, 5, { clean: false, clientId: 'reader', properties })
  }

  /** Reads on until so many have come. */
  async read(client: RawClient, count: number): Promise<void> {
    const known = new Set(this.numbers)
    while (this.numbers.length < count) {
      const packet = await client.expect('publish', 'pubrel')
      const { messageId = 0 } = packet
      if (packet.cmd === 'pubrel') {
        this.#held.delete(messageId)
        client.send({ cmd: 'pubcomp', messageId })
        continue
      }
      const number = Number(packet.payload.toString())
      if (packet.qos === 2 && known.has(number))
        assert.equal(this.#held.get(messageId), number, 'the same, under the same identifier')
      if (!known.has(number)) this.numbers.push(number)
      known.add(number)
      if (packet.qos === 2) this.#held.set(messageId, number)
      client.send({ cmd: packet.qos === 2 ? 'pubrec' : 'puback', messageId })
    }
  }
}

test('[MQTT-4.6.0-5] a long queue is drained in order, over a crash, while more comes for it', async () => {
  const data = dataFolder()
  const first = await startBroker({ anonymous: true, data })
  const reader = new Reader()
  const subscriber = await reader.connect(first.port)
  await subscriber.subscribe({ topic: 'n', qos: 2 })
  subscriber.send({ cmd: 'disconnect' })
  await subscriber.end()
  await new Numbers(await RawClient.connect(first.port), 1).publish(WHILE_AWAY)
  await reader.read(await reader.connect(first.port), WHILE_AWAY / 3)

  const second = await startBroker({ anonymous: true, data: crashImage(data) })
  const numbers = new Numbers(await RawClient.connect(second.port), WHILE_AWAY + 1)
  const back = await reader.connect(second.port)
  await Promise.all([numbers.publish(MEANWHILE), reader.read(back, WHILE_AWAY + MEANWHILE)])
  // of one QoS: one of QoS 2 waits until its packet identifier is safe, and others may leave before it
  for (const odd of [0, 1]) {
    const numbersOf = (all: readonly number[]) => all.filter((number) => number % 2 === odd)
    const published = Array.from({ length: WHILE_AWAY + MEANWHILE }, (_, place) => place + 1)
    assert.deepEqual(numbersOf(reader.numbers), numbersOf(published))
  }
  await back.silence()
})
