import type { QueryRow } from '../../sandbox/index.ts'

/** What the broker asks a {@link file://./sqlite-process.ts} for. */
export interface SqliteAsked {
  readonly sql: string
  readonly values: Readonly<Record<string, string | number | null | Uint8Array>>
  readonly maxRows: number
  readonly mostBytes: number
}

/** What it says: that it has opened the file, or how a question ended; `detail` is for the operator alone. */
export type SqliteSaid =
  | { readonly ready: true }
  | { readonly rows: readonly QueryRow[] }
  | { readonly failed: 'open' | 'query' | 'size'; readonly detail: string }
