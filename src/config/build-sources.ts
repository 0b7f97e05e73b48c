import path from 'node:path'
import type { ConfigProblems } from './config-problems.ts'
import type { ConfigTree } from './config-tree.ts'
import { childPointer, type Pointer } from './pointer.ts'
import { NOWHERE, parsePostgresUrl } from './postgres-url.ts'
import type { DatabaseConfig, DirectoryConfig, QueryConfig, TenantSources } from './source-config.ts'

interface WrittenDatabase {
  readonly type: DatabaseConfig['type']
  readonly file?: string
  readonly url?: string
  readonly password?: string
  readonly tls?: boolean
  readonly caFile?: string
  readonly connections: number
  readonly timeoutMs: number
  readonly queries: Readonly<Record<string, Omit<QueryConfig, 'name'>>>
}

type WrittenDirectory = Omit<DirectoryConfig, 'name' | 'bindDn' | 'bindPassword' | 'tls'> &
  Partial<Pick<DirectoryConfig, 'bindDn' | 'bindPassword'>> & { readonly caFile?: string }

/** Databases and directories as the schema lets them be written, defaults filled in. */
export interface WrittenSources {
  readonly databases: Readonly<Record<string, WrittenDatabase>>
  readonly directories: Readonly<Record<string, WrittenDirectory>>
}

/** Where they stand, and where mistakes go. */
interface Surroundings {
  readonly tree: ConfigTree
  readonly problems: ConfigProblems
  readonly baseDir: string
}

/** Keys that mean something to one type alone. */
const KEYS_OF: Readonly<Record<DatabaseConfig['type'], readonly (keyof WrittenDatabase)[]>> = {
  sqlite: ['file'],
  postgres: ['url', 'password', 'tls', 'caFile'],
}

/**
 * Builds the databases and directories of the operator, or of a tenant: its own come before those of the
 * operator, which keep what is not called the same.
 */
export function buildSources(
  written: WrittenSources,
  at: Pointer,
  around: Surroundings,
  shared: TenantSources = { databases: [], directories: [] },
): TenantSources {
  const databases = Object.entries(written.databases).map(([name, database]) =>
    buildDatabase(name, database, childPointer(`${at}/databases`, name), around),
  )
  checkQueryNames(databases, at, around)
  const directories = Object.entries(written.directories).map(([name, directory]) =>
    buildDirectory(name, directory, childPointer(`${at}/directories`, name), around),
  )
  const taken = new Set(directories.map(({ name }) => name))
  return {
    databases: [...databases, ...shared.databases],
    directories: [...directories, ...shared.directories.filter(({ name }) => !taken.has(name))],
  }
}

function buildDatabase(
  name: string,
  written: WrittenDatabase,
  at: Pointer,
  { tree, problems, baseDir }: Surroundings,
): DatabaseConfig {
  const { type, timeoutMs, connections, file, url, password = '', caFile } = written
  for (const [other, keys] of Object.entries(KEYS_OF)) {
    if (other === type) continue
    const foreign = keys.find((key) => written[key] !== undefined)
    if (foreign !== undefined)
      problems.atKey(tree, `${at}/${foreign}`, `a ${type} database has no ${foreign}`)
  }
  const queries = Object.entries(written.queries).map(([query, rest]) => ({ name: query, ...rest }))
  if (type === 'sqlite') {
    if (file === undefined) problems.atValue(tree, at, 'a sqlite database needs its file')
    return { name, type, timeoutMs, queries, file: path.resolve(baseDir, file ?? '') }
  }
  const parsed = parsePostgresUrl(url ?? '')
  const address = typeof parsed === 'string' ? NOWHERE : parsed
  if (typeof parsed === 'string') {
    if (url === undefined) problems.atValue(tree, at, `a postgres database needs its url: ${parsed}`)
    else problems.atValue(tree, `${at}/url`, parsed)
  }
  const { isLocal, ...where } = address
  const tls = (written.tls ?? !isLocal) ? { caFile: resolved(baseDir, caFile) } : undefined
  return { name, type, timeoutMs, queries, connections, password, tls, ...where }
}

function buildDirectory(
  name: string,
  written: WrittenDirectory,
  at: Pointer,
  { tree, problems, baseDir }: Surroundings,
): DirectoryConfig {
  const { caFile, bindDn = '', bindPassword = '', ...rest } = written
  if ((bindDn === '') !== (bindPassword === '')) {
    problems.atValue(tree, at, 'bindDn and bindPassword (or bindPasswordFile) belong together')
  }
  if (rest.startTls && rest.url.startsWith('ldaps:')) {
    problems.atValue(tree, `${at}/startTls`, 'an ldaps: connection is encrypted already')
  }
  if (!isFilter(rest.filter)) {
    problems.atValue(tree, `${at}/filter`, 'expected an LDAP filter in parentheses, such as (uid={username})')
  }
  return { ...rest, name, bindDn, bindPassword, tls: { caFile: resolved(baseDir, caFile) } }
}

/** Whether each parenthesis has its other one, and nothing stands outside. */
function isFilter(text: string): boolean {
  let depth = 0
  for (let place = 0; place < text.length; place += 1) {
    if (text[place] === '(') depth += 1
    else if (text[place] === ')') depth -= 1
    if (depth <= 0 && place < text.length - 1) return false
  }
  return depth === 0 && text.startsWith('(')
}

/** A query is asked by its name alone. */
function checkQueryNames(
  databases: readonly DatabaseConfig[],
  at: Pointer,
  { tree, problems }: Surroundings,
): void {
  const owners = new Map<string, string>()
  for (const { name, queries } of databases) {
    for (const query of queries) {
      const owner = owners.get(query.name)
      owners.set(query.name, name)
      if (owner === undefined) continue
      const place = childPointer(`${childPointer(`${at}/databases`, name)}/queries`, query.name)
      problems.atKey(
        tree,
        place,
        `the database ${JSON.stringify(owner)} has a query ${JSON.stringify(query.name)} already`,
      )
    }
  }
}

function resolved(baseDir: string, file: string | undefined): string | undefined {
  return file === undefined ? undefined : path.resolve(baseDir, file)
}
