import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { ADMIN } from '../base/limits.ts'
import { Problem } from './problem.ts'
import type { Caller, Reply } from './route.ts'

interface Remembered {
  readonly fingerprint: string
  /** Null: it is still under way. */
  answer: Reply | null
  readonly at: number
}

/**
 * Requests that a caller may send again, since it does not know whether the first one arrived: the second
 * gets the first one's answer, and nothing is done twice. They are remembered for a day, in this process, and
 * so many of them; a request that failed may be tried anew.
 */
export class IdempotencyKeys {
  readonly #remembered = new Map<string, Remembered>()

  /** @throws Problem 400, 409: the key is of another request, or the first one goes on. */
  async once(request: FastifyRequest, caller: Caller, work: () => Promise<Reply>): Promise<Reply> {
    const written = request.headers['idempotency-key']
    if (written === undefined) return work()
    if (typeof written !== 'string' || !KEY.test(written))
      throw new Problem(400, 'Idempotency-Key: must have 1 to 64 letters, digits, - and _')
    const key = `${caller.name} ${written}`
    const fingerprint = fingerprintOf(request)
    const known = this.#known(key)
    if (known === undefined) return this.#first(key, fingerprint, work)
    if (known.fingerprint !== fingerprint)
      throw new Problem(409, 'Idempotency-Key: was sent with another request before')
    if (known.answer === null) throw new Problem(409, 'the first request with this Idempotency-Key goes on')
    return known.answer
  }

  async #first(key: string, fingerprint: string, work: () => Promise<Reply>): Promise<Reply> {
    const remembered: Remembered = { fingerprint, answer: null, at: Date.now() }
    this.#remembered.set(key, remembered)
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > ADMIN.idempotencyKeys && oldest !== undefined) this.#remembered.delete(oldest)
    try {
      const answer = await work()
      remembered.answer = answer
      return answer
    } catch (error) {
      this.#remembered.delete(key)
      throw error
    }
  }

  #known(key: string): Remembered | undefined {
    const known = this.#remembered.get(key)
    if (known !== undefined && Date.now() - known.at > ADMIN.idempotencyMs) this.#remembered.delete(key)
    return this.#remembered.get(key)
  }
}

const KEY = /^[\w-]{1,64}$/

function fingerprintOf({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('hex')
}
