import { isDeepStrictEqual } from 'node:util'
import { tenantBehind } from '../base/shadow-name.ts'
import type { PowerPorts, SourceFailure } from '../../sandbox/index.ts'
import type { DatabaseConfig, DirectoryConfig, QueryConfig, TenantSources } from '../config/source-config.ts'
import { Availability } from './availability.ts'
import { LdapDirectory } from './ldap.ts'
import { PostgresDatabase } from './postgres.ts'
import { type Database, orderedValues, type SourceObserver, UNREACHABLE } from './source.ts'
import { NotAsked } from './source-queue.ts'
import { SqliteDatabase } from './sqlite.ts'

interface Asked {
  readonly query: QueryConfig
  readonly database: Database
}

/** What one tenant's plugins may ask, by name. */
interface TenantBook {
  readonly queries: ReadonlyMap<string, Asked>
  readonly directories: ReadonlyMap<string, LdapDirectory>
}

/** The databases and directories of a broker: nothing is connected to before somebody asks. */
export class Sources {
  #books: ReadonlyMap<string, TenantBook> = new Map()
  readonly #databases: Map<DatabaseConfig, Database> = new Map()
  readonly #directories: Map<DirectoryConfig, LdapDirectory> = new Map()
  readonly #observer: SourceObserver

  constructor(
    tenants: readonly { readonly name: string; readonly sources: TenantSources }[],
    observer: SourceObserver,
  ) {
    this.#observer = observer
    this.#open(tenants)
  }

  /** These are the tenants from now on; what none of them may ask any more is closed, with what is under way. */
  async become(
    tenants: readonly { readonly name: string; readonly sources: TenantSources }[],
  ): Promise<void> {
    this.#open(tenants)
    const wanted = new Set<object>()
    for (const { queries, directories } of this.#books.values()) {
      for (const { database } of queries.values()) wanted.add(database)
      for (const directory of directories.values()) wanted.add(directory)
    }
    await Promise.all([stopUnwanted(this.#databases, wanted), stopUnwanted(this.#directories, wanted)])
  }

  /** What plugins' powers ask. */
  get ports(): Required<Pick<PowerPorts, 'query' | 'ldap'>> {
    return {
      query: {
        run: (tenant, name, parameters, mostBytes, signal) => {
          const asked = this.#books.get(tenantBehind(tenant))?.queries.get(name)
          if (asked === undefined) return Promise.resolve(UNREACHABLE)
          const { query, database } = asked
          const values = orderedValues(query.parameters, tenant, parameters)
          if ('failure' in values) return Promise.resolve(values)
          return asFailure(database.run({ tenant, query, values, mostBytes, signal }))
        },
      },
      ldap: {
        search: (tenant, name, parameters, mostBytes, signal) => {
          const directory = this.#books.get(tenantBehind(tenant))?.directories.get(name)
          if (directory === undefined) return Promise.resolve(UNREACHABLE)
          return asFailure(directory.search({ tenant, parameters, signal }, mostBytes))
        },
        bind: (tenant, name, parameters, password, signal) => {
          const directory = this.#books.get(tenantBehind(tenant))?.directories.get(name)
          if (directory === undefined) return Promise.resolve(UNREACHABLE)
          return asFailure(directory.bind({ tenant, parameters, signal }, password))
        },
      },
    }
  }

  /** Closes all connections; what is under way comes to nothing. */
  async stop(): Promise<void> {
    const all = [...this.#databases.values(), ...this.#directories.values()]
    await Promise.all(all.map((source) => source.stop()))
  }

  #open(tenants: readonly { readonly name: string; readonly sources: TenantSources }[]): void {
    this.#books = new Map(tenants.map(({ name, sources }) => [name, this.#bookOf(sources)]))
  }

  #bookOf({ databases, directories }: TenantSources): TenantBook {
    const queries = new Map<string, Asked>()
    for (const config of databases) {
      const database = this.#database(config)
      // a tenant's own come first
      for (const query of config.queries) {
        if (!queries.has(query.name)) queries.set(query.name, { query, database })
      }
    }
    return {
      queries,
      directories: new Map(directories.map((config) => [config.name, this.#directory(config)])),
    }
  }

  /** One for all tenants that share it. */
  #database(config: DatabaseConfig): Database {
    const known = knownAs(this.#databases, config)
    if (known !== undefined) return known
    const availability = new Availability(`database ${config.name}`, this.#observer)
    const database =
      config.type === 'sqlite'
        ? new SqliteDatabase(config, availability)
        : new PostgresDatabase(config, availability)
    this.#databases.set(config, database)
    return database
  }

  #directory(config: DirectoryConfig): LdapDirectory {
    const known = knownAs(this.#directories, config)
    if (known !== undefined) return known
    const directory = new LdapDirectory(config, new Availability(`directory ${config.name}`, this.#observer))
    this.#directories.set(config, directory)
    return directory
  }
}

/** A config that was read anew is another object, and says the same. */
function knownAs<Config extends object, Source>(
  sources: ReadonlyMap<Config, Source>,
  wanted: Config,
): Source | undefined {
  const same = sources.get(wanted)
  if (same !== undefined) return same
  for (const [config, source] of sources) if (isDeepStrictEqual(config, wanted)) return source
  return undefined
}

async function stopUnwanted<Config, Source extends { stop(): Promise<void> }>(
  sources: Map<Config, Source>,
  wanted: ReadonlySet<object>,
): Promise<void> {
  const unwanted = [...sources].filter(([, source]) => !wanted.has(source))
  for (const [config] of unwanted) sources.delete(config)
  await Promise.all(unwanted.map(([, source]) => source.stop()))
}

/** What was never asked is refused like anything else. */
async function asFailure<Result>(answer: Promise<Result>): Promise<Result | SourceFailure> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof NotAsked)) throw error
    return { failure: error.isFull ? 'limit' : 'unavailable', why: error.message }
  }
}
