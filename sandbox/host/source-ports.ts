import type { CapabilityErrorCode } from '../sdk/powers.ts'

/** What a plugin gives to a query or a search, by name. */
export type SourceParameters = Readonly<Record<string, string | number | boolean | null>>

/** One value of a row. */
export type SourceValue = string | number | boolean | null | Uint8Array

/** One row, by the names of its columns. */
export type QueryRow = Readonly<Record<string, SourceValue>>

/** One entry of a directory; each attribute that was found has at least one value. */
export interface DirectoryEntry {
  readonly dn: string
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** Why a source did not answer. `why` is read by plugins: no host, path, statement or value is in it. */
export interface SourceFailure {
  readonly failure: CapabilityErrorCode
  readonly why: string
}

/** The operator's queries. A name that was granted is defined; nothing else of an argument was checked. */
export interface QueryPort {
  /** @param mostBytes what the rows may come to as JSON. @param signal aborted when nobody waits any more. */
  run(
    tenant: string,
    name: string,
    parameters: SourceParameters,
    mostBytes: number,
    signal: AbortSignal,
  ): Promise<readonly QueryRow[] | SourceFailure>
}

/** The operator's directories. */
export interface DirectoryPort {
  /** Entries that the directory's filter finds, by whom the operator lets it be asked. */
  search(
    tenant: string,
    name: string,
    parameters: SourceParameters,
    mostBytes: number,
    signal: AbortSignal,
  ): Promise<readonly DirectoryEntry[] | SourceFailure>
  /** Whether the one entry that the filter finds can bind with this password, which is never empty. */
  bind(
    tenant: string,
    name: string,
    parameters: SourceParameters,
    password: Uint8Array,
    signal: AbortSignal,
  ): Promise<boolean | SourceFailure>
}
