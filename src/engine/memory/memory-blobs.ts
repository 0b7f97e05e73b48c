import { digestOf } from '../../base/digest.ts'
import type { BlobStore } from '../engine.ts'

/** Blobs by tenant and digest. */
export class MemoryBlobs implements BlobStore {
  readonly #byTenant = new Map<string, Map<string, Uint8Array>>()

  put(tenant: string, bytes: Uint8Array, quotaBytes: number): Promise<string | null> {
    const digest = digestOf(bytes)
    const own = this.#byTenant.get(tenant) ?? new Map<string, Uint8Array>()
    if (own.has(digest)) return Promise.resolve(digest)
    const before = own.values().reduce((sum, { length }) => sum + length, 0)
    if (before + bytes.length > quotaBytes) return Promise.resolve(null)
    // the caller's buffer may be used again
    own.set(digest, Uint8Array.from(bytes))
    this.#byTenant.set(tenant, own)
    return Promise.resolve(digest)
  }

  get(tenant: string, digest: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#byTenant.get(tenant)?.get(digest))
  }

  delete(tenant: string, digest: string): Promise<void> {
    this.#byTenant.get(tenant)?.delete(digest)
    return Promise.resolve()
  }

  dropTenant(tenant: string): void {
    this.#byTenant.delete(tenant)
  }
}
