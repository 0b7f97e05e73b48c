import { BulkheadError } from '../../base/errors.ts'
import { type ClientConnection, openConnection } from '../../client/connection.ts'
import { urlOptions } from './bystander.ts'
import type { Ending, Provoked } from './corpus.ts'
import { usernameOf } from './stage.ts'

/** What a client saw of one provocation; the log may know better why. */
export type Seen = Extract<Ending, 'allow' | 'deny' | 'closed' | 'overload' | 'disconnected' | 'unanswered'>

/** As long as a client may be kept waiting: activation, waiting and killing all fit well within it. */
const ANSWER_MS = 30_000
/** What the failure policy answers: the host's own refusals, whatever the reason. */
const CLOSED = ['0x87', '0x5)', '(5)']
const OVERLOAD = ['0x97', '0x89']

/** A client of the attacker's tenant: what it asks for is what its plugin is asked about. */
export class Provoker {
  readonly #url: string
  readonly #tenant: string
  /** Messages of others that reached its tenant. */
  delivered = 0
  #client: ClientConnection | undefined

  constructor(url: string, tenant: string) {
    this.#url = url
    this.#tenant = tenant
  }

  /**
   * Asks its plugin once, or with so many messages at once.
   *
   * @param listens whether it gets what is published in its tenant.
   * @returns what it saw, each thing once.
   */
  async provoke(hook: Provoked, listens: boolean, burst = 1): Promise<ReadonlySet<Seen>> {
    if (hook === 'authenticate') await this.leave()
    const first = await this.#provokeOnce(hook, listens)
    // the first one connects
    const others = Array.from({ length: burst - 1 }, () => this.#provokeOnce(hook, listens))
    return new Set([first, ...(await Promise.all(others))])
  }

  async #provokeOnce(hook: Provoked, listens: boolean): Promise<Seen> {
    try {
      if (this.#client === undefined) this.#client = await this.#connect(listens)
      const client = this.#client
      if (hook === 'authorizeSubscribe') return await this.#subscribe(client)
      if (hook !== 'authenticate')
        await within(client, client.publish('attack', Buffer.from('x'), { qos: 1 }))
      return 'allow'
    } catch (error) {
      return this.#seenIn(error)
    }
  }

  async leave(): Promise<void> {
    await this.#client?.end()
    this.#client = undefined
  }

  async #connect(listens: boolean): Promise<ClientConnection> {
    const client = await within(
      undefined,
      openConnection(
        {
          ...urlOptions(this.#url),
          username: usernameOf(this.#tenant),
          clientId: `victim-of-${this.#tenant}`,
          protocolVersion: 5,
          connectTimeout: ANSWER_MS,
        },
        { address: this.#url, onMessage: (topic) => this.#receive(topic) },
      ),
    )
    client.lost.catch(() => {
      this.#client = undefined
    })
    if (listens) await within(client, client.subscribe(['#'], { qos: 1 }))
    return client
  }

  async #subscribe(client: ClientConnection): Promise<Seen> {
    const { codes } = await within(client, client.subscribe(['attack/#'], { qos: 1 }))
    const code = codes[0] ?? 0
    if (code < 0x80) return 'allow'
    return code === 0x87 ? 'closed' : 'deny'
  }

  #receive(topic: string): void {
    if (topic !== 'attack') this.delivered += 1
  }

  #seenIn(error: unknown): Seen {
    if (!(error instanceof BulkheadError)) throw error
    const { message } = error
    if (message === UNANSWERED) return 'unanswered'
    if (message.startsWith('Disconnected') || message.includes('connection was lost')) return 'disconnected'
    if (CLOSED.some((code) => message.includes(code))) return 'closed'
    return OVERLOAD.some((code) => message.includes(code)) ? 'overload' : 'deny'
  }
}

const UNANSWERED = 'no answer came'

/** The answer; unless the client is lost before, which is an answer as well, or nothing comes at all. */
async function within<T>(client: ClientConnection | undefined, answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new BulkheadError('ERR_CLIENT', UNANSWERED)), ANSWER_MS)
  try {
    return await Promise.race([...(client === undefined ? [] : [client.lost]), answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
