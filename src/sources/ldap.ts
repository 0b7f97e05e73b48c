import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Client, Entry } from 'ldapts'
import type { DirectoryEntry, SourceFailure, SourceParameters } from '../../sandbox/index.ts'
import { messageOf } from '../base/errors.ts'
import type { FairQueue } from '../base/fair-queue.ts'
import type { DirectoryConfig } from '../config/source-config.ts'
import { AnswerSize } from './answer-size.ts'
import type { Availability } from './availability.ts'
import { fillFilter, type FilterTemplate, filterTemplate } from './ldap-filter.ts'
import { REFUSED, TOO_LATE, TOO_MUCH, UNREACHABLE } from './source.ts'
import { sourceQueue } from './source-queue.ts'

/** Who asks a directory, and with what. */
export interface Lookup {
  readonly tenant: string
  readonly parameters: SourceParameters
  readonly signal: AbortSignal
}

/** Result codes that say no to a name and its password, and are no fault [RFC 4511, appendix A]. */
const NO: ReadonlySet<unknown> = new Set([
  19, // constraint violation: locked out
  32, // no such object
  34, // invalid DN syntax
  48, // inappropriate authentication: it has no password
  49, // invalid credentials
  50, // insufficient access rights
  53, // unwilling to perform
])

const SIZE_LIMIT_EXCEEDED = 4
const TIME_LIMIT_EXCEEDED = 3

/**
 * An LDAP directory. Each question has a connection of its own, which ends with it: none is ever somebody
 * else's, for binding changes whom a connection speaks for. Referrals are not followed.
 */
export class LdapDirectory {
  readonly #config: DirectoryConfig
  readonly #availability: Availability
  readonly #filter: FilterTemplate
  readonly #queue: FairQueue
  readonly #open = new Set<Client>()
  #isStopped = false

  constructor(config: DirectoryConfig, availability: Availability) {
    this.#config = config
    this.#availability = availability
    this.#filter = filterTemplate(config.filter)
    this.#queue = sourceQueue(config.connections)
  }

  /** @param mostBytes what the entries may come to as JSON. */
  search(lookup: Lookup, mostBytes: number): Promise<readonly DirectoryEntry[] | SourceFailure> {
    const { attributes, maxEntries } = this.#config
    return this.#ask(lookup, async (client, filter) => {
      const found = await this.#find(client, filter, maxEntries + 1, attributes)
      const size = new AnswerSize(maxEntries, mostBytes)
      const entries = found.map(toEntry)
      return entries.every((entry) => size.add(entry)) ? entries : TOO_MUCH
    })
  }

  /** @param password not empty: without one a bind is anonymous, and succeeds. */
  bind(lookup: Lookup, password: Uint8Array): Promise<boolean | SourceFailure> {
    const text = Buffer.from(password).toString()
    // a password that is no text is nobody's; replacement characters could make it somebody's
    if (!Buffer.from(text).equals(password)) return Promise.resolve(false)
    return this.#ask(lookup, async (client, filter) => {
      const [entry, other] = await this.#find(client, filter, 2, [])
      // of two that are meant, nobody can say which one is
      if (entry === undefined || other !== undefined || entry.dn === '') return false
      try {
        await client.bind(entry.dn, text)
        return true
      } catch (error) {
        if (NO.has(codeOf(error))) return false
        throw error
      }
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all([...this.#open].map(close))
  }

  #ask<Result>(
    { tenant, parameters, signal }: Lookup,
    question: (client: Client, filter: string) => Promise<Result | SourceFailure>,
  ): Promise<Result | SourceFailure> {
    const filter = fillFilter(this.#filter, tenant, parameters)
    if (typeof filter !== 'string') return Promise.resolve(filter)
    return this.#queue.run(tenant, signal, async () => {
      if (this.#isStopped || this.#availability.isBlocked(performance.now())) return UNREACHABLE
      return this.#within((client) => question(client, filter))
    })
  }

  /** One connection, from its first byte to its last, within the directory's time. */
  async #within<Result>(
    question: (client: Client) => Promise<Result | SourceFailure>,
  ): Promise<Result | SourceFailure> {
    const client = await newClient(this.#config)
    this.#open.add(client)
    const { promise: late, resolve } = Promise.withResolvers<SourceFailure>()
    const deadline = setTimeout(resolve, this.#config.timeoutMs, TOO_LATE)
    const answer = this.#greet(client).then(() => question(client))
    try {
      const ended = await Promise.race([answer, late])
      if (ended === TOO_LATE) this.#availability.failed('it does not answer in time', performance.now())
      else this.#availability.answered()
      return ended
    } catch (error) {
      return this.#failed(error)
    } finally {
      clearTimeout(deadline)
      this.#open.delete(client)
      await close(client)
      // it failed with its connection; nobody waits for it any more
      answer.catch(() => undefined)
    }
  }

  /** Encrypts, where it is to be done on the connection, and says who asks. */
  async #greet(client: Client): Promise<void> {
    const { startTls, bindDn, bindPassword } = this.#config
    if (startTls) await client.startTLS(await tlsOptions(this.#config))
    if (bindDn !== '') await client.bind(bindDn, bindPassword)
  }

  async #find(
    client: Client,
    filter: string,
    sizeLimit: number,
    attributes: readonly string[],
  ): Promise<readonly Entry[]> {
    const { baseDn, scope, timeoutMs } = this.#config
    const { searchEntries } = await client.search(baseDn, {
      scope,
      filter,
      sizeLimit,
      timeLimit: Math.ceil(timeoutMs / 1000),
      derefAliases: 'never',
      // 1.1: none of them [RFC 4511, 4.5.1.8]
      attributes: attributes.length === 0 ? ['1.1'] : [...attributes],
    })
    return searchEntries
  }

  #failed(error: unknown): SourceFailure {
    const code = codeOf(error)
    if (code === SIZE_LIMIT_EXCEEDED) return TOO_MUCH
    if (code === TIME_LIMIT_EXCEEDED) return TOO_LATE
    if (typeof code === 'number') {
      // it answers, and says no to the broker: its DN, its filter or its rights are wrong
      this.#availability.complain(messageOf(error))
      return REFUSED
    }
    this.#availability.failed(messageOf(error), performance.now())
    return UNREACHABLE
  }
}

async function newClient(config: DirectoryConfig): Promise<Client> {
  const { url, timeoutMs } = config
  const ldapts = await import('ldapts')
  const secure = url.startsWith('ldaps:') ? { tlsOptions: await tlsOptions(config) } : {}
  return new ldapts.Client({ url, timeout: timeoutMs, connectTimeout: timeoutMs, strictDN: false, ...secure })
}

/** Which certificate is taken: one for the URL's host, which a connection that is upgraded does not know. */
async function tlsOptions({ url, tls }: DirectoryConfig): Promise<ConnectionOptions> {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  const name = isIP(host) === 0 ? { host, servername: host } : { host }
  const ca = tls.caFile === undefined ? {} : { ca: await readFile(tls.caFile, 'utf8') }
  // said aloud, since NODE_TLS_REJECT_UNAUTHORIZED could say otherwise
  return { ...name, ...ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' }
}

/** A connection that has failed cannot be closed, and need not. */
async function close(client: Client): Promise<void> {
  await client.unbind().catch(() => undefined)
}

/** ldapts has the result code as a number; errors of the network have a text, if any. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function toEntry({ dn, ...found }: Entry): DirectoryEntry {
  const attributes = Object.entries(found)
    .map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(String)] as const)
    .filter(([, values]) => values.length > 0)
  return { dn, attributes: Object.fromEntries(attributes) }
}
