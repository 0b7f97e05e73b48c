import type { JSONSchemaType } from 'ajv'
import {
  type Bundle,
  bundleText,
  type Manifest,
  parseBundle,
  type SandboxLimits,
  type Upload,
} from '../../sandbox/index.ts'
import { BulkheadError } from '../base/errors.ts'
import { BUNDLE_BYTES_PER_TENANT, VERSIONS_PER_PLUGIN } from '../base/limits.ts'
import type { BlobStore, DocumentStore } from '../engine/engine.ts'
import { type Signed, type TrustedKey, verifySignature } from './minisign.ts'
import { StoredJson } from './stored-json.ts'

/** One version of one plugin of a tenant, as it was uploaded. It never changes. */
export interface PluginVersion {
  readonly plugin: string
  /** Of the code and the manifest, in lower-case hex: what the version is called by. */
  readonly digest: string
  /** As the manifest has it; two digests may say the same. */
  readonly version: string
  /** ISO 8601. */
  readonly uploadedAt: string
  /** Of the bundle's file. */
  readonly bytes: number
  /** The key that signed it, and its comment; absent: nobody has. */
  readonly signed?: Signed | undefined
}

/** What a tenant demands of an upload. */
export interface UploadTerms {
  readonly limits: SandboxLimits
  /** By whom a plugin may be signed. */
  readonly trustedKeys: readonly TrustedKey[]
  /** Whether an upload without a signature is refused. */
  readonly requireSigned: boolean
}

/** What is uploaded, and by whom it was signed. */
export type SignedUpload = Upload & {
  /** The text of a `.minisig` of the bundle's file; sources cannot be signed. */
  readonly minisig?: string
}

/** What looks at uploads: the plugin host, in processes that are thrown away. */
export interface Inspector {
  inspect(name: string, upload: Upload, limits: SandboxLimits): Promise<Bundle>
}

interface StoredVersion extends PluginVersion {
  /** The digest of the file's bytes. */
  readonly blob: string
}

const KIND = 'version'

const SCHEMA: JSONSchemaType<StoredVersion> = {
  type: 'object',
  properties: {
    plugin: { type: 'string' },
    digest: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    version: { type: 'string' },
    uploadedAt: { type: 'string' },
    bytes: { type: 'integer', minimum: 0 },
    signed: {
      type: 'object',
      properties: { keyId: { type: 'string' }, trustedComment: { type: 'string' } },
      required: ['keyId', 'trustedComment'],
      additionalProperties: false,
      nullable: true,
    },
    blob: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  },
  required: ['plugin', 'digest', 'version', 'uploadedAt', 'bytes', 'blob'],
  additionalProperties: false,
}

/** The versions that tenants have uploaded: bytes that never change, under their digest. */
export class Versions {
  readonly #documents: DocumentStore
  readonly #blobs: BlobStore
  readonly #inspector: Inspector
  readonly #stored = new StoredJson('version', SCHEMA)

  constructor(store: { documents: DocumentStore; blobs: BlobStore }, inspector: Inspector) {
    this.#documents = store.documents
    this.#blobs = store.blobs
    this.#inspector = inspector
  }

  /**
   * Checks what somebody sends, and keeps it. The same once more is the version that is there; it stays as
   * it came first.
   *
   * @throws BulkheadError ERR_PLUGIN_UPLOAD, ERR_PLUGIN_SIGNATURE, ERR_PLUGIN_VERSION (there are too many),
   * and what inspecting throws.
   */
  async upload(
    tenant: string,
    plugin: string,
    upload: SignedUpload,
    terms: UploadTerms,
  ): Promise<PluginVersion> {
    requireName(plugin)
    // before anything of it is read: a stranger's signature costs nothing but a look at it
    const signed = signatureOf(upload, terms)
    const bundle = await this.#inspector.inspect(plugin, upload, terms.limits)
    const { sha256: digest, manifest } = bundle
    if (manifest.for !== 'broker')
      throw new BulkheadError(
        'ERR_PLUGIN_UPLOAD',
        `plugin ${plugin} is made for a client, and this is a broker`,
      )
    const known = await this.#find(tenant, plugin, digest)
    if (known !== undefined) return shown(known)
    await this.#requireRoom(tenant, plugin)
    const file = Buffer.from('bundle' in upload ? upload.bundle : bundleText(bundle))
    const blob = await this.#blobs.put(tenant, file, BUNDLE_BYTES_PER_TENANT)
    if (blob === null)
      throw unusable(`the tenant's bundles have ${BUNDLE_BYTES_PER_TENANT >> 20} MiB already; delete some`)
    const stored: StoredVersion = {
      plugin,
      digest,
      version: manifest.version,
      uploadedAt: new Date().toISOString(),
      bytes: file.length,
      ...(signed === undefined ? {} : { signed }),
      blob,
    }
    const text = JSON.stringify(stored)
    await this.#documents.change([{ tenant, kind: KIND, key: keyOf(plugin, digest), text, ifRevision: 0 }])
    // somebody else may have uploaded the same at the same time: it is theirs that stays
    return shown((await this.#find(tenant, plugin, digest)) ?? stored)
  }

  /** Those of one plugin, the oldest first. */
  async list(tenant: string, plugin: string): Promise<readonly PluginVersion[]> {
    const found = await this.#all(tenant, plugin)
    return found.map(shown).toSorted((one, other) => (one.uploadedAt < other.uploadedAt ? -1 : 1))
  }

  /** @throws BulkheadError ERR_PLUGIN_VERSION: there is none. */
  async get(tenant: string, plugin: string, digest: string): Promise<PluginVersion> {
    return shown(await this.#require(tenant, plugin, digest))
  }

  /**
   * Reads a version, and believes nothing of what was kept: its digest must be right.
   *
   * @throws BulkheadError ERR_PLUGIN_VERSION, ERR_STORE, ERR_PLUGIN_BUILD
   */
  async bundle(tenant: string, plugin: string, digest: string): Promise<Bundle> {
    const { blob } = await this.#require(tenant, plugin, digest)
    const bytes = await this.#blobs.get(tenant, blob)
    if (bytes === undefined)
      throw new BulkheadError('ERR_STORE', `the bundle of ${plugin} ${digest} is gone; upload it again`)
    const bundle = parseBundle(Buffer.from(bytes).toString(), `the bundle of ${plugin} in the store`, plugin)
    if (bundle.sha256 !== digest) throw unusable(`what is kept as ${plugin} ${digest} is another version`)
    return bundle
  }

  async manifest(tenant: string, plugin: string, digest: string): Promise<Manifest> {
    return (await this.bundle(tenant, plugin, digest)).manifest
  }

  /**
   * Deletes a version that nobody needs; whoever calls knows that.
   *
   * @throws BulkheadError ERR_PLUGIN_VERSION: there is none.
   */
  async delete(tenant: string, plugin: string, digest: string): Promise<void> {
    const { blob } = await this.#require(tenant, plugin, digest)
    await this.#documents.change([{ tenant, kind: KIND, key: keyOf(plugin, digest), text: null }])
    // first the document: bytes that nobody names are harmless, a name without bytes is not
    const others = await this.#all(tenant, undefined)
    if (!others.some((each) => each.blob === blob)) await this.#blobs.delete(tenant, blob)
  }

  async #requireRoom(tenant: string, plugin: string): Promise<void> {
    const { length } = await this.#all(tenant, plugin)
    if (length >= VERSIONS_PER_PLUGIN)
      throw unusable(`plugin ${plugin} has ${VERSIONS_PER_PLUGIN} versions already; delete some`)
  }

  async #require(tenant: string, plugin: string, digest: string): Promise<StoredVersion> {
    requireName(plugin)
    const found = await this.#find(tenant, plugin, digest)
    if (found === undefined) throw unusable(`plugin ${plugin} has no version ${JSON.stringify(digest)}`)
    return found
  }

  async #find(tenant: string, plugin: string, digest: string): Promise<StoredVersion | undefined> {
    const key = keyOf(plugin, digest)
    const document = await this.#documents.get(tenant, KIND, key)
    return document && this.#stored.read(key, document.text)
  }

  /** @param plugin undefined: those of all plugins. */
  async #all(tenant: string, plugin: string | undefined): Promise<readonly StoredVersion[]> {
    const prefix = plugin === undefined ? '' : `${plugin}/`
    const found: StoredVersion[] = []
    let after: string | undefined = prefix === '' ? undefined : prefix
    for (;;) {
      const page = await this.#documents.list(tenant, KIND, after, VERSIONS_PER_PLUGIN)
      for (const { key, text } of page) {
        if (!key.startsWith(prefix)) return found
        found.push(this.#stored.read(key, text))
      }
      after = page.at(-1)?.key
      if (page.length < VERSIONS_PER_PLUGIN) return found
    }
  }
}

/**
 * A name is a part of keys, paths and lines of the log.
 *
 * @throws BulkheadError ERR_PLUGIN_UPLOAD
 */
export function requireName(plugin: string): void {
  if (plugin === 'builtin')
    throw new BulkheadError('ERR_PLUGIN_UPLOAD', "`builtin` is the broker's own voter: use another name")
  if (NAME.test(plugin)) return
  const shownName = JSON.stringify(plugin.slice(0, 80))
  const rule = 'a letter first, then letters, digits, - and _, 64 at most'
  throw new BulkheadError('ERR_PLUGIN_UPLOAD', `${shownName} is no name of a plugin; one has ${rule}`)
}

const NAME = /^[a-z][\w-]{0,63}$/i

function signatureOf(upload: SignedUpload, terms: UploadTerms): Signed | undefined {
  if (upload.minisig !== undefined && 'bundle' in upload)
    return verifySignature(Buffer.from(upload.bundle), upload.minisig, terms.trustedKeys)
  if (upload.minisig !== undefined)
    throw unsigned('sources cannot be signed; build the plugin and sign its bundle')
  if (terms.requireSigned) throw unsigned('this tenant takes signed bundles alone; sign it with minisign')
  return undefined
}

function keyOf(plugin: string, digest: string): string {
  return `${plugin}/${digest}`
}

function shown({ blob: _blob, ...version }: StoredVersion): PluginVersion {
  return version
}

function unsigned(why: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_SIGNATURE', why)
}

function unusable(why: string): BulkheadError {
  return new BulkheadError('ERR_PLUGIN_VERSION', why)
}
