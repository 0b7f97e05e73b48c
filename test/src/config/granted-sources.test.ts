import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grantedSources } from '../../../src/config/granted-sources.ts'
import type { SqliteConfig } from '../../../src/config/source-config.ts'

const query = (name: string) => ({ name, sql: 'SELECT 1', parameters: [], maxRows: 1 })
const database: SqliteConfig = {
  name: 'd',
  type: 'sqlite',
  file: '/d',
  timeoutMs: 1,
  queries: [query('a'), query('b')],
}
const sources = { databases: [database], directories: [] }

function granted(grants: Parameters<typeof grantedSources>[0]) {
  const refusals: string[] = []
  const result = grantedSources(grants, sources, (capability, why) => refusals.push(`${capability}: ${why}`))
  return { result, refusals }
}

test('`true` is all that there is, by its names; nothing said is nothing', () => {
  assert.deepEqual(granted({ query: true, ldap: true, log: true }), {
    result: { query: { names: ['a', 'b'] }, ldap: { names: [] }, log: true },
    refusals: [],
  })
  assert.deepEqual(granted({ log: true }).result, { log: true })
})

test('what is named must be there', () => {
  assert.deepEqual(granted({ query: { names: ['b'] } }).result, { query: { names: ['b'] } })
  assert.deepEqual(granted({ query: { names: ['b', 'c'] } }).refusals, ['query: no query is called "c"'])
  assert.deepEqual(granted({ ldap: { names: ['a'] } }).refusals, ['ldap: no directory is called "a"'])
})

test('a grant of another form is refused', () => {
  for (const wrong of [{ name: ['a'] }, { names: 'a' }, { names: [1] }, { names: ['a'], rows: 1 }, {}]) {
    assert.deepEqual(granted({ query: wrong }).refusals, ['query: expected true or { names: [NAME] }'])
  }
})
