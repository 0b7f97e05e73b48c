import type { JSONSchemaType } from 'ajv'
import { BulkheadError } from '../base/errors.ts'
import { DEPLOYMENTS_KEPT, REASON_CHARS } from '../base/limits.ts'
import type { DocumentStore } from '../engine/engine.ts'
import { StoredJson } from './stored-json.ts'

/** A version with its options: what can serve. */
export interface Deployment {
  readonly digest: string
  readonly config: Readonly<Record<string, unknown>>
}

/** One that serves, or has served. */
export interface Served extends Deployment {
  /** ISO 8601: since when. */
  readonly at: string
  /** Why it was taken back; '' where it was not. */
  readonly takenBack: string
}

/** What a tenant has made of one plugin. */
export interface PluginState {
  readonly plugin: string
  /** Null: nothing of it serves. */
  readonly serving: Served | null
  /** What served before, the newest last. */
  readonly before: readonly Served[]
  /** What is tried beside what serves, or waits for consent; null: nothing. */
  readonly candidate: Candidate | null
}

/** A deployment that does not serve yet. */
export interface Candidate extends Deployment {
  /** `pending-consent`: it asks for more power than the one before, and somebody has to agree. */
  readonly state: 'pending-consent' | 'shadow'
}

const KIND = 'plugin'

const DEPLOYMENT = { digest: { type: 'string', pattern: '^[0-9a-f]{64}$' }, config: { type: 'object' } }
const SERVED = {
  type: 'object',
  properties: { ...DEPLOYMENT, at: { type: 'string' }, takenBack: { type: 'string' } },
  required: ['digest', 'config', 'at', 'takenBack'],
  additionalProperties: false,
}
const SCHEMA = {
  type: 'object',
  properties: {
    serving: { ...SERVED, nullable: true },
    before: { type: 'array', items: SERVED },
    candidate: {
      type: 'object',
      properties: { ...DEPLOYMENT, state: { enum: ['pending-consent', 'shadow'] } },
      required: ['digest', 'config', 'state'],
      additionalProperties: false,
      nullable: true,
    },
  },
  required: ['serving', 'before', 'candidate'],
  additionalProperties: false,
} as unknown as JSONSchemaType<Omit<PluginState, 'plugin'>>

const NOTHING = { serving: null, before: [], candidate: null } as const

/**
 * Which version of each plugin serves, as the store has it: one document a plugin, so that after a crash
 * either the old one serves or the new one. Each step is a function of what was there: two that meet are one
 * after the other, or the later one is refused.
 */
export class Deployments {
  readonly #documents: DocumentStore
  readonly #stored = new StoredJson('plugin', SCHEMA)

  constructor(documents: DocumentStore) {
    this.#documents = documents
  }

  /** All of a tenant's, in the order of their names. */
  async list(tenant: string): Promise<readonly PluginState[]> {
    const found = await this.#documents.list(tenant, KIND, undefined, MOST)
    return found.map(({ key, text }) => ({ plugin: key, ...this.#stored.read(key, text) }))
  }

  async get(tenant: string, plugin: string): Promise<PluginState | undefined> {
    const document = await this.#documents.get(tenant, KIND, plugin)
    return document && { plugin, ...this.#stored.read(plugin, document.text) }
  }

  /** It is to be tried, or waits for consent; what was tried before is not any more. */
  propose(tenant: string, plugin: string, candidate: Candidate | null): Promise<PluginState> {
    return this.#change(tenant, plugin, (state) => ({ ...state, candidate }))
  }

  /** It serves from now on. */
  serve(tenant: string, plugin: string, { digest, config }: Deployment): Promise<PluginState> {
    return this.#change(tenant, plugin, ({ serving, before }) => ({
      serving: { digest, config, at: new Date().toISOString(), takenBack: '' },
      before: serving === null ? before : [...before, serving].slice(-DEPLOYMENTS_KEPT),
      candidate: null,
    }))
  }

  /**
   * What served before serves again.
   *
   * @param why what serves now is taken back; kept with it.
   */
  async rollBack(tenant: string, plugin: string, why: string): Promise<PluginState> {
    return this.#change(tenant, plugin, ({ serving, before }) => {
      const last = lastGood(before)
      if (serving === null || last === undefined) throw nothingBefore(plugin)
      const back = { ...serving, takenBack: why.slice(0, REASON_CHARS) || 'rolled back' }
      return {
        serving: { ...last, at: new Date().toISOString() },
        before: [...before.filter((each) => each !== last), back].slice(-DEPLOYMENTS_KEPT),
        candidate: null,
      }
    })
  }

  async remove(tenant: string, plugin: string): Promise<void> {
    await this.#documents.change([{ tenant, kind: KIND, key: plugin, text: null }])
  }

  async #change(
    tenant: string,
    plugin: string,
    step: (state: Omit<PluginState, 'plugin'>) => Omit<PluginState, 'plugin'>,
  ): Promise<PluginState> {
    const document = await this.#documents.get(tenant, KIND, plugin)
    const next = step(document === undefined ? NOTHING : this.#stored.read(plugin, document.text))
    const text = JSON.stringify(next)
    const ifRevision = document?.revision ?? 0
    const changed = await this.#documents.change([{ tenant, kind: KIND, key: plugin, text, ifRevision }])
    if (!changed.ok) throw new BulkheadError('ERR_CONFLICT', `the plugin ${plugin} was changed meanwhile`)
    return { plugin, ...next }
  }
}

/** More than a tenant may have plugins. */
const MOST = 1000

/** What a rollback would let serve: the newest that was not itself taken back. */
export function lastGood(before: readonly Served[]): Served | undefined {
  return before.findLast(({ takenBack }) => takenBack === '')
}

export function nothingBefore(plugin: string): BulkheadError {
  return new BulkheadError(
    'ERR_DEPLOYMENT',
    `nothing of the plugin ${plugin} served before; delete it instead`,
  )
}
