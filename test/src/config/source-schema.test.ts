import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()
const mistakes = (yaml: string): Promise<string[]> => folder.mistakes(`anonymous: true\n${yaml}`)

const query = (text: string): string => `databases: { d: { type: sqlite, file: a, queries: { q: ${text} } } }`
const directory = (url: string): string => `directories: { d: { url: '${url}', baseDn: x, filter: (a=b) } }`

test('a source has the keys that are described, and values within their bounds', async () => {
  assert.match((await mistakes('databases: { d: { type: mysql } }')).join(), /databases\.d\.type/)
  assert.match((await mistakes('databases: { d: { file: a } }')).join(), /databases\.d.*type/)
  assert.match((await mistakes(query('{ sql: x, maxRows: 1001 }'))).join(), /queries\.q\.maxRows/)
  assert.match((await mistakes(query('{ sql: x, parameters: [a, a] }'))).join(), /queries\.q\.parameters/)
  assert.match((await mistakes(query('{ sql: x, write: true }'))).join(), /queries\.q: unknown key "write"/)
  for (const url of ['http://h', 'ldap://', 'ldap://u:p@h', 'ldap://h/dc=x', 'ldap://h?x']) {
    assert.match((await mistakes(directory(url))).join(), /directories\.d\.url/, url)
  }
})
