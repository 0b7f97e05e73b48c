import type { Grants } from './broker-config.ts'
import { isPlainMap } from './config-tree.ts'
import type { TenantSources } from './source-config.ts'

/**
 * A tenant's grants, in which `query` and `ldap` name what there is: `true` is all of it. So a plugin that
 * asks for something that nobody has defined is found before it runs.
 */
export function grantedSources(
  grants: Grants,
  sources: TenantSources,
  refuse: (capability: 'query' | 'ldap', why: string) => void,
): Grants {
  const queries = sources.databases.flatMap(({ queries: each }) => each.map(({ name }) => name))
  const defined = { query: queries, ldap: sources.directories.map(({ name }) => name) }
  const granted = { ...grants }
  for (const capability of ['query', 'ldap'] as const) {
    const written = grants[capability]
    if (written === undefined) continue
    const names = written === true ? [...new Set(defined[capability])] : listed(written)
    if (names === undefined) refuse(capability, 'expected true or { names: [NAME] }')
    const missing = names?.find((name) => !defined[capability].includes(name))
    if (missing !== undefined)
      refuse(capability, `no ${KIND[capability]} is called ${JSON.stringify(missing)}`)
    granted[capability] = { names: names ?? [] }
  }
  return granted
}

const KIND = { query: 'query', ldap: 'directory' }

function listed(written: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const { names, ...others } = written
  if (!isPlainMap(written) || Object.keys(others).length > 0 || !Array.isArray(names)) return undefined
  return names.every((name) => typeof name === 'string') ? names : undefined
}
