import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { JSONSchemaType } from 'ajv'
import { BulkheadError } from '../base/errors.ts'
import { TOKENS_PER_TENANT, TOKEN_NAME_CHARS, TOKEN_SEEN_EVERY_MS } from '../base/limits.ts'
import type { DocumentStore, StoredDocument } from '../engine/engine.ts'
import { ROLES, type Role } from './roles.ts'
import { StoredJson } from './stored-json.ts'

/** What is known of a token, but for the token itself: that is shown once, and kept nowhere. */
export interface Token {
  readonly id: string
  /** What whoever made it calls it. */
  readonly name: string
  readonly role: Role
  /** Null: the operator's. */
  readonly tenant: string | null
  /** ISO 8601, as are all times here. */
  readonly createdAt: string
  /** Null: never. */
  readonly expiresAt: string | null
  /** To the hour; null: never. */
  readonly lastUsedAt: string | null
}

/** What a token is to be. */
export type TokenRequest = Pick<Token, 'name' | 'role' | 'tenant' | 'expiresAt'>

interface StoredToken extends Token {
  /** Hex of the sha256 of the secret's 32 random bytes: so much chance needs no slow hash. */
  readonly hash: string
}

const KIND = 'token'
/** All of them are the broker's own documents: who shows a token does not say whose it is. */
const BROKER = ''
const TOKEN = /^bh_([0-9a-f]{16})_([\w-]{43})$/

const nullableText = { type: 'string', nullable: true } as const
const SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^[0-9a-f]{16}$' },
    name: { type: 'string' },
    role: { type: 'string', enum: ROLES },
    tenant: nullableText,
    createdAt: { type: 'string' },
    expiresAt: nullableText,
    lastUsedAt: nullableText,
    hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
  required: ['id', 'name', 'role', 'tenant', 'createdAt', 'expiresAt', 'lastUsedAt', 'hash'],
  additionalProperties: false,
} as unknown as JSONSchemaType<StoredToken>

/** The keys of the admin API: 32 random bytes each, of which the store has a digest. */
export class Tokens {
  readonly #documents: DocumentStore
  readonly #stored = new StoredJson('token', SCHEMA)

  constructor(documents: DocumentStore) {
    this.#documents = documents
  }

  /**
   * Makes a token.
   *
   * @returns what is known of it, and the token: nobody can be told it again.
   * @throws BulkheadError ERR_TOKEN: the name, the tenant or the time does not do, or there are too many.
   */
  async create(request: TokenRequest): Promise<{ readonly token: Token; readonly secret: string }> {
    requireSense(request)
    if ((await this.list(request.tenant)).length >= TOKENS_PER_TENANT)
      throw unusable(`there are ${TOKENS_PER_TENANT} tokens already; revoke some`)
    const secret = randomBytes(32)
    const token: Token = {
      ...request,
      id: randomBytes(8).toString('hex'),
      createdAt: new Date().toISOString(),
      lastUsedAt: null,
    }
    const text = JSON.stringify({ ...token, hash: hashOf(secret).toString('hex') })
    const changed = await this.#documents.change([
      { tenant: BROKER, kind: KIND, key: token.id, text, ifRevision: 0 },
    ])
    if (!changed.ok) throw unusable('there is no room for more tokens; revoke some')
    return { token, secret: `bh_${token.id}_${secret.toString('base64url')}` }
  }

  /** Those of a tenant, or with null the operator's, the oldest first. */
  async list(tenant: string | null): Promise<readonly Token[]> {
    const all = await this.#all()
    return all
      .filter((token) => token.tenant === tenant)
      .toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1))
      .map(shown)
  }

  /**
   * Whose token this is; undefined: nobody's, or not any more. Whoever guesses does not learn whether the id
   * was right.
   *
   * @throws BulkheadError ERR_STORE
   */
  async find(secret: string): Promise<Token | undefined> {
    const [, id, encoded] = TOKEN.exec(secret) ?? []
    if (id === undefined || encoded === undefined) return undefined
    const document = await this.#documents.get(BROKER, KIND, id)
    if (document === undefined) return undefined
    const stored = this.#stored.read(id, document.text)
    const isRight = timingSafeEqual(
      hashOf(Buffer.from(encoded, 'base64url')),
      Buffer.from(stored.hash, 'hex'),
    )
    if (!isRight || (stored.expiresAt !== null && Date.parse(stored.expiresAt) <= Date.now()))
      return undefined
    await this.#see(stored, document)
    return shown(stored)
  }

  /**
   * @param tenant whose it must be; null: the operator's.
   * @returns false: there is none with this id.
   */
  async revoke(tenant: string | null, id: string): Promise<boolean> {
    const document = await this.#documents.get(BROKER, KIND, id)
    if (document === undefined || this.#stored.read(id, document.text).tenant !== tenant) return false
    await this.#documents.change([{ tenant: BROKER, kind: KIND, key: id, text: null }])
    return true
  }

  /** Before a tenant is forgotten: another one of its name does not inherit its keys. */
  async revokeAll(tenant: string): Promise<void> {
    const found = await this.list(tenant)
    await this.#documents.change(found.map(({ id }) => ({ tenant: BROKER, kind: KIND, key: id, text: null })))
  }

  /** Once an hour is enough to find those that nobody uses. */
  async #see(stored: StoredToken, { revision }: StoredDocument): Promise<void> {
    const now = Date.now()
    if (stored.lastUsedAt !== null && now - Date.parse(stored.lastUsedAt) < TOKEN_SEEN_EVERY_MS) return
    const text = JSON.stringify({ ...stored, lastUsedAt: new Date(now).toISOString() })
    // revoked or seen meanwhile: that goes before
    await this.#documents.change([{ tenant: BROKER, kind: KIND, key: stored.id, text, ifRevision: revision }])
  }

  async #all(): Promise<readonly StoredToken[]> {
    const found: StoredToken[] = []
    for (let after: string | undefined; ; ) {
      const page = await this.#documents.list(BROKER, KIND, after, PAGE)
      for (const { key, text } of page) found.push(this.#stored.read(key, text))
      after = page.at(-1)?.key
      if (page.length < PAGE) return found
    }
  }
}

const PAGE = 500

function requireSense({ name, role, tenant, expiresAt }: TokenRequest): void {
  if (name.trim() === '' || name.length > TOKEN_NAME_CHARS)
    throw unusable(`a name has 1 to ${TOKEN_NAME_CHARS} characters`)
  if ((role === 'operator') !== (tenant === null))
    throw unusable(tenant === null ? `the role ${role} is one of a tenant` : 'the operator is of no tenant')
  if (expiresAt !== null && !(Date.parse(expiresAt) > Date.now()))
    throw unusable('expiresAt must be a time to come, such as 2030-01-31T00:00:00Z')
}

function hashOf(secret: Uint8Array): Buffer {
  return createHash('sha256').update(secret).digest()
}

function shown({ hash: _hash, ...token }: StoredToken): Token {
  return token
}

function unusable(why: string): BulkheadError {
  return new BulkheadError('ERR_TOKEN', why)
}
