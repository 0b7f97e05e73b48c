import type { JSONSchemaType } from 'ajv'
import { BulkheadError } from '../base/errors.ts'
import type { DocumentStore, StoredDocument } from '../engine/engine.ts'
import { StoredJson } from './stored-json.ts'

/** `deleting`: what it has is being deleted, and if that was cut short, it goes on at the next start. */
export type TenantState = 'active' | 'suspended' | 'deleting'

/** A tenant that was made at run time, as the store has it. */
export interface BookedTenant {
  readonly name: string
  /** The keys of a tenant of the config, as they were given; whoever opens it checks them anew. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly state: TenantState
  /** ISO 8601. */
  readonly createdAt: string
  /** Of the document. */
  readonly revision: number
}

type Stored = Omit<BookedTenant, 'name' | 'revision'>

const KIND = 'tenant'
const BROKER = ''

const SCHEMA = {
  type: 'object',
  properties: {
    settings: { type: 'object' },
    state: { enum: ['active', 'suspended', 'deleting'] },
    createdAt: { type: 'string' },
  },
  required: ['settings', 'state', 'createdAt'],
  additionalProperties: false,
} as unknown as JSONSchemaType<Stored>

/** The tenants that were made at run time. They are few: all of them are in memory, as the store has them. */
export class TenantBook {
  readonly #documents: DocumentStore
  readonly #stored = new StoredJson('tenant', SCHEMA)
  /** In the order in which they were made, which is the order in which they are matched. */
  readonly #tenants = new Map<string, BookedTenant>()

  constructor(documents: DocumentStore) {
    this.#documents = documents
  }

  get all(): readonly BookedTenant[] {
    return [...this.#tenants.values()]
  }

  get(name: string): BookedTenant | undefined {
    return this.#tenants.get(name)
  }

  /**
   * Takes what the store has, at the start.
   *
   * @throws BulkheadError ERR_STORE
   */
  restore(documents: readonly StoredDocument[]): void {
    const found = documents.map(({ key, text, revision }) => ({
      name: key,
      ...this.#stored.read(key, text),
      revision,
    }))
    for (const tenant of found.toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1)))
      this.#tenants.set(tenant.name, tenant)
  }

  /** @throws BulkheadError ERR_CONFLICT: there is one of this name. */
  add(name: string, settings: BookedTenant['settings']): Promise<BookedTenant> {
    return this.#put(name, { settings, state: 'active', createdAt: new Date().toISOString() }, 0)
  }

  /**
   * @param ifRevision undefined: whatever it has.
   * @throws BulkheadError ERR_UNKNOWN, ERR_CONFLICT: it was changed meanwhile.
   */
  async change(
    name: string,
    change: Partial<Pick<BookedTenant, 'settings' | 'state'>>,
    ifRevision?: number,
  ): Promise<BookedTenant> {
    const known = this.#tenants.get(name)
    if (known === undefined)
      throw new BulkheadError('ERR_UNKNOWN', `there is no tenant ${JSON.stringify(name)}`)
    const { name: _name, revision, ...stored } = known
    return this.#put(name, { ...stored, ...change }, ifRevision ?? revision)
  }

  /** The last step of deleting it. */
  async remove(name: string): Promise<void> {
    await this.#documents.change([{ tenant: BROKER, kind: KIND, key: name, text: null }])
    this.#tenants.delete(name)
  }

  async #put(name: string, stored: Stored, ifRevision: number): Promise<BookedTenant> {
    const text = JSON.stringify(stored)
    const changed = await this.#documents.change([
      { tenant: BROKER, kind: KIND, key: name, text, ifRevision },
    ])
    if (!changed.ok) {
      const why =
        changed.why === 'full' ? 'there are too many tenants' : `the tenant ${name} was changed meanwhile`
      throw new BulkheadError('ERR_CONFLICT', why)
    }
    const tenant = { name, ...stored, revision: changed.revision }
    this.#tenants.set(name, tenant)
    return tenant
  }
}
