/** What is given to a query or a search: values by the names that the operator wrote down. */
export type SourceParameters = Readonly<Record<string, string | number | boolean | null>>

/**
 * One row, by the names of its columns. Integers beyond 2^53 and decimals are text, times are ISO 8601 text,
 * what has no form of its own here is text as the database writes it.
 */
export type QueryRow = Readonly<Record<string, string | number | boolean | null | Uint8Array>>

/**
 * Asks a database of the operator's, by a query of the operator's: the plugin knows its name and chooses the
 * values. aMQTT's SQLAlchemy connection, without the connection. At most 100 questions a second of the
 * tenant's plugins together, 16 under way.
 *
 * @param parameters text of at most 4 KiB, numbers, true, false, null: all that the query names, no others.
 * @returns the rows, at most as many as the operator allows, at most 64 KiB as JSON.
 * @throws CapabilityError `notAllowed` for a name that was not granted, `invalid` for other parameters,
 * `limit` past the budget and for a larger answer, `unavailable` where the database does not answer in time.
 */
export type Query = (name: string, parameters?: SourceParameters) => Promise<readonly QueryRow[]>

/** Somebody, or something, in a directory. */
export interface DirectoryEntry {
  readonly dn: string
  /** Those that the operator lets be read; what the entry does not have is not here. */
  readonly attributes: Readonly<Record<string, readonly string[]>>
}

/** LDAP directories of the operator's, by name. The budget is the one of {@link Query}. */
export interface Directories {
  /**
   * The entries that the operator's filter finds, with these values in its placeholders.
   *
   * @throws CapabilityError as {@link Query}.
   */
  search(name: string, parameters: SourceParameters): Promise<readonly DirectoryEntry[]>
  /**
   * Whether the filter finds exactly one entry, and the directory takes this password for it. An empty
   * password is never right.
   *
   * @param password text is taken as UTF-8; at most 1 KiB.
   * @throws CapabilityError as {@link Query}: a directory that does not answer says neither yes nor no.
   */
  bind(name: string, parameters: SourceParameters, password: string | Uint8Array): Promise<boolean>
}
