/** A statement of the operator's that plugins ask by its name. */
export interface QueryConfig {
  readonly name: string
  readonly sql: string
  /** In the order of PostgreSQL's `$1`, `$2`; `tenant` is filled in by the broker. */
  readonly parameters: readonly string[]
  /** An answer with more is refused: what is cut off would be decided upon. */
  readonly maxRows: number
}

interface Database {
  readonly name: string
  /** Of one answer. */
  readonly timeoutMs: number
  readonly queries: readonly QueryConfig[]
}

/** A file, opened for reading alone. */
export interface SqliteConfig extends Database {
  readonly type: 'sqlite'
  /** Absolute path. */
  readonly file: string
}

export interface PostgresConfig extends Database {
  readonly type: 'postgres'
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** '' where the server asks for none. */
  readonly password: string
  readonly tls: TlsConfig | undefined
  readonly connections: number
}

export type DatabaseConfig = SqliteConfig | PostgresConfig

/** How a server is known. */
export interface TlsConfig {
  /** A file with the authorities that are trusted in place of the well-known ones, absolute. */
  readonly caFile: string | undefined
}

/** An LDAP directory: who is looked for in it, and by whom. */
export interface DirectoryConfig {
  readonly name: string
  /** `ldap://HOST:PORT` or `ldaps://HOST:PORT`. */
  readonly url: string
  readonly startTls: boolean
  readonly tls: TlsConfig
  /** Who searches; '': anybody, without a password. */
  readonly bindDn: string
  readonly bindPassword: string
  readonly baseDn: string
  readonly scope: 'base' | 'one' | 'sub'
  /** An LDAP filter [RFC 4515] with `{placeholders}` in place of values. */
  readonly filter: string
  readonly attributes: readonly string[]
  readonly maxEntries: number
  readonly connections: number
  readonly timeoutMs: number
}

/** What a tenant's plugins may be granted questions to. Names are unique, each kind for itself. */
export interface TenantSources {
  readonly databases: readonly DatabaseConfig[]
  readonly directories: readonly DirectoryConfig[]
}
