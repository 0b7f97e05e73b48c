import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()

async function warnings(url: string, more = ''): Promise<readonly string[]> {
  const directory = `{ url: '${url}', baseDn: dc=x, filter: (a=b)${more} }`
  return (await folder.load(`anonymous: true\ndirectories: { staff: ${directory} }`)).warnings
}

test('a directory that passwords reach in the clear is warned of, once', async () => {
  const exposed = ['the directory "staff": passwords cross the network unencrypted']
  assert.deepEqual(await warnings('ldap://ldap.example'), exposed)
  assert.deepEqual(await warnings('ldap://ldap.example', ', startTls: true'), [])
  for (const url of ['ldaps://ldap.example', 'ldap://localhost:389', 'ldap://127.0.0.1', 'ldap://[::1]']) {
    assert.deepEqual(await warnings(url), [], url)
  }
})
