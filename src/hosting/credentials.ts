import type { JSONSchemaType } from 'ajv'
import { hashPassword, type PasswordHash, readPasswordHash } from '../../sandbox/index.ts'
import { BulkheadError } from '../base/errors.ts'
import { USERS } from '../base/limits.ts'
import type { DocumentStore } from '../engine/engine.ts'
import { StoredJson } from './stored-json.ts'

interface StoredUser {
  readonly hash: string
  /** ISO 8601. */
  readonly changedAt: string
}

/** A user, without what proves who it is. */
export interface KnownUser {
  readonly name: string
  readonly changedAt: string
}

const USER = 'credential'
const RULES = 'acl'
/** A tenant has one list of rules. */
const LIST = 'list'

const USER_SCHEMA = {
  type: 'object',
  properties: { hash: { type: 'string' }, changedAt: { type: 'string' } },
  required: ['hash', 'changedAt'],
  additionalProperties: false,
} as unknown as JSONSchemaType<StoredUser>
const RULES_SCHEMA = {
  type: 'object',
  properties: { lines: { type: 'array', items: { type: 'string' } } },
  required: ['lines'],
  additionalProperties: false,
} as unknown as JSONSchemaType<{ readonly lines: readonly string[] }>

/** Users with their passwords, and access rules, that tenants manage for want of a plugin that does. */
export class Credentials {
  readonly #documents: DocumentStore
  readonly #users = new StoredJson('credential', USER_SCHEMA)
  readonly #rules = new StoredJson('acl', RULES_SCHEMA)

  constructor(documents: DocumentStore) {
    this.#documents = documents
  }

  /** In the order of their names. */
  async list(tenant: string): Promise<readonly KnownUser[]> {
    const all = await this.#all(tenant)
    return all.map(([name, { changedAt }]) => ({ name, changedAt }))
  }

  /** What logins are held against. */
  async passwords(tenant: string): Promise<ReadonlyMap<string, PasswordHash>> {
    const all = await this.#all(tenant)
    return new Map(all.map(([name, { hash }]) => [name, readPasswordHash(hash)]))
  }

  /** @throws BulkheadError ERR_CREDENTIAL: the name or the password does not do, or there are too many. */
  async set(tenant: string, name: string, password: string): Promise<void> {
    requireUserName(name)
    if (password === '' || password.length > PASSWORD_CHARS)
      throw refused(`a password has 1 to ${PASSWORD_CHARS} characters`)
    const known = await this.#documents.get(tenant, USER, name)
    if (known === undefined && (await this.#all(tenant)).length >= USERS)
      throw refused(`there are ${USERS} users already; delete some`)
    const hash = await hashPassword(Buffer.from(password))
    const text = JSON.stringify({ hash, changedAt: new Date().toISOString() })
    const changed = await this.#documents.change([{ tenant, kind: USER, key: name, text }])
    if (!changed.ok) throw refused('there is no room for more users; delete some')
  }

  /** @returns false: there was none. */
  async delete(tenant: string, name: string): Promise<boolean> {
    if ((await this.#documents.get(tenant, USER, name)) === undefined) return false
    await this.#documents.change([{ tenant, kind: USER, key: name, text: null }])
    return true
  }

  /** Lines as mosquitto has them; undefined: no rules. */
  async rules(tenant: string): Promise<readonly string[] | undefined> {
    const document = await this.#documents.get(tenant, RULES, LIST)
    return document && this.#rules.read(LIST, document.text).lines
  }

  /** @param lines checked by who calls; null: no rules any more. */
  async setRules(tenant: string, lines: readonly string[] | null): Promise<void> {
    const text = lines === null ? null : JSON.stringify({ lines })
    await this.#documents.change([{ tenant, kind: RULES, key: LIST, text }])
  }

  async #all(tenant: string): Promise<readonly (readonly [string, StoredUser])[]> {
    const found: (readonly [string, StoredUser])[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.#documents.list(tenant, USER, after, PAGE)
      for (const { key, text } of page) found.push([key, this.#users.read(key, text)])
      after = page.at(-1)?.key
      if (page.length < PAGE) return found
    }
  }
}

const PAGE = 500
const PASSWORD_CHARS = 256

function requireUserName(name: string): void {
  if (name !== '' && name.length <= 256 && !/[\p{Cc}\p{Cs}]/u.test(name)) return
  throw refused('the name of a user has 1 to 256 characters, none of them a control character')
}

function refused(why: string): BulkheadError {
  return new BulkheadError('ERR_CREDENTIAL', why)
}
