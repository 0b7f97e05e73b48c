import { setTimeout as pause } from 'node:timers/promises'
import { type ClientConnection, openConnection } from '../../client/connection.ts'
import { messageOf } from '../../base/errors.ts'
import { BYSTANDER, usernameOf } from './stage.ts'

/** What one who does nothing wrong noticed of an attack. */
export interface Witness {
  /** Messages that it published meanwhile and got right answers to, in all. */
  readonly rounds: number
  /** How long it waited for an answer: half of the times, all but one of a hundred, and at worst. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
  /** What should not have happened to it, in words. */
  readonly complaints: readonly string[]
}

/** Between two rounds: it must not be the load that it measures. */
const PAUSE_MS = 4
/** Whoever waits longer than this for a message that was acknowledged does not get it. */
const DELIVERY_MS = 5000

/**
 * The neighbour: a client that publishes all the time, what is allowed and what is not, and one that
 * subscribes to everything. Its answers must be right, and what it gets exactly what it was sent.
 */
export class Bystander {
  readonly #connections: ClientConnection[] = []
  #done: Promise<void> = Promise.resolve()
  #running = true
  #sent = 0
  #received = 0
  #waits: number[] = []
  #complaints: string[] = []

  private constructor() {}

  static async connect(url: string): Promise<Bystander> {
    const bystander = new Bystander()
    const subscriber = await bystander.#join(url, 'subscriber')
    await subscriber.subscribe(['#'], { qos: 1 })
    bystander.#done = bystander.#run(await bystander.#join(url, 'publisher'))
    return bystander
  }

  async #join(url: string, clientId: string): Promise<ClientConnection> {
    const connection = await openConnection(
      { ...urlOptions(url), username: usernameOf(BYSTANDER), clientId, protocolVersion: 5 },
      { address: url, onMessage: (topic, payload) => this.#receive(topic, payload.toString()) },
    )
    connection.lost.catch((error: unknown) => this.#lost(error))
    this.#connections.push(connection)
    return connection
  }

  #receive(topic: string, payload: string): void {
    if (topic !== 'open' || payload !== String(this.#received)) {
      this.#complaints.push(
        `the bystander got ${shown(topic)}: ${shown(payload)}, and waited for ${this.#received}`,
      )
    }
    this.#received += 1
  }

  /** What it noticed since this was last asked; waits for so many answers, however short the attack was. */
  async testify(leastRounds = 0): Promise<Witness> {
    while (this.#running && this.#waits.length < leastRounds) await pause(PAUSE_MS)
    const waits = this.#waits.toSorted((a, b) => a - b)
    const complaints = this.#complaints
    this.#waits = []
    this.#complaints = []
    const at = (share: number): number => waits[Math.floor((waits.length - 1) * share)] ?? 0
    return { rounds: waits.length, p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1), complaints }
  }

  /** Leaves, once it has got all that it was sent. */
  async leave(): Promise<Witness> {
    this.#running = false
    await this.#done
    const until = performance.now() + DELIVERY_MS
    while (this.#received < this.#sent && performance.now() < until) await pause(PAUSE_MS)
    if (this.#received < this.#sent) {
      this.#complaints.push(`the bystander got ${this.#received} of ${this.#sent} messages`)
    }
    const witness = await this.testify()
    await Promise.all(this.#connections.map((connection) => connection.end()))
    return witness
  }

  async #run(publisher: ClientConnection): Promise<void> {
    while (this.#running) {
      await this.#round(publisher)
      await pause(PAUSE_MS)
    }
  }

  async #round(publisher: ClientConnection): Promise<void> {
    const before = performance.now()
    try {
      await publisher.publish('open', Buffer.from(String(this.#sent)), { qos: 1 })
      this.#sent += 1
    } catch (error) {
      this.#complaints.push(`the bystander's publish was refused: ${messageOf(error)}`)
    }
    const between = performance.now()
    const refused = await publisher.publish('shut', Buffer.alloc(0), { qos: 1 }).then(
      () => 'it was allowed',
      (error: unknown) => messageOf(error),
    )
    if (!refused.includes('(0x87): closed')) {
      this.#complaints.push(`the bystander's refusal is not its plugin's: ${refused}`)
    }
    this.#waits.push(between - before, performance.now() - between)
  }

  #lost(error: unknown): void {
    if (!this.#running) return
    this.#running = false
    this.#complaints.push(`the bystander was disconnected: ${messageOf(error)}`)
  }
}

/** Host and port in the form of the client library. */
export function urlOptions(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 64))
}
