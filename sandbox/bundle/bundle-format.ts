import type { Manifest } from '../manifest/manifest.ts'

/**
 * One plugin as it travels: a script, its manifest, its source map. Immutable; its digest is its identity.
 */
export interface Bundle {
  /** Of the code and the manifest, in lower-case hex. */
  readonly sha256: string
  readonly manifest: Manifest
  /** An IIFE that leaves the module's namespace in one global; the guest reads `.default` once. */
  readonly code: string
  /** A version 3 source map as JSON text, or '' when there is none. Never enters the isolate. */
  readonly sourceMap: string
}
