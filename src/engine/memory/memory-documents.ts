import { DOCUMENTS_OF_A_KIND } from '../../base/limits.ts'
import type { DocumentChange, DocumentsChanged, DocumentStore, StoredDocument } from '../engine.ts'

/** Documents by tenant, kind and key; a change is done within one turn: nothing comes between. */
export class MemoryDocuments implements DocumentStore {
  readonly #byTenant = new Map<string, Map<string, Map<string, StoredDocument>>>()
  #revision = 0

  get(tenant: string, kind: string, key: string): Promise<StoredDocument | undefined> {
    return Promise.resolve(this.#find(tenant, kind)?.get(key))
  }

  list(
    tenant: string,
    kind: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly StoredDocument[]> {
    const behind = Buffer.from(after ?? '')
    const found = [...(this.#find(tenant, kind)?.values() ?? [])]
      .map((document) => ({ document, place: Buffer.from(document.key) }))
      .filter(({ place }) => after === undefined || place.compare(behind) > 0)
      .toSorted((a, b) => a.place.compare(b.place))
    return Promise.resolve(found.slice(0, limit).map(({ document }) => document))
  }

  change(changes: readonly DocumentChange[]): Promise<DocumentsChanged> {
    const undo: (() => void)[] = []
    const revision = this.#revision + 1
    for (const [place, change] of changes.entries()) {
      const why = this.#refusal(change)
      if (why !== null) {
        for (const step of undo.toReversed()) step()
        return Promise.resolve({ ok: false, place, why })
      }
      undo.push(this.#apply(change, revision))
    }
    this.#revision = revision
    return Promise.resolve({ ok: true, revision })
  }

  dropTenant(tenant: string): void {
    this.#byTenant.delete(tenant)
  }

  #refusal({ tenant, kind, key, text, ifRevision }: DocumentChange): 'revision' | 'full' | null {
    const own = this.#find(tenant, kind)
    const known = own?.get(key)
    if (ifRevision !== undefined && ifRevision !== (known?.revision ?? 0)) return 'revision'
    if (text === null || known !== undefined) return null
    return (own?.size ?? 0) >= DOCUMENTS_OF_A_KIND ? 'full' : null
  }

  /** @returns what takes it back. */
  #apply({ tenant, kind, key, text }: DocumentChange, revision: number): () => void {
    const own = this.#own(tenant, kind)
    const known = own.get(key)
    if (text === null) own.delete(key)
    else own.set(key, { key, text, revision })
    return () => {
      if (known === undefined) own.delete(key)
      else own.set(key, known)
    }
  }

  #find(tenant: string, kind: string): Map<string, StoredDocument> | undefined {
    return this.#byTenant.get(tenant)?.get(kind)
  }

  #own(tenant: string, kind: string): Map<string, StoredDocument> {
    let kinds = this.#byTenant.get(tenant)
    if (kinds === undefined)
      this.#byTenant.set(tenant, (kinds = new Map<string, Map<string, StoredDocument>>()))
    let own = kinds.get(kind)
    if (own === undefined) kinds.set(kind, (own = new Map<string, StoredDocument>()))
    return own
  }
}
