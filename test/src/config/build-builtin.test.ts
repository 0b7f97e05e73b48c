import assert from 'node:assert/strict'
import path from 'node:path'
import { it } from 'node:test'
import { loadConfig } from '../../../src/config/load-config.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const folder = tempFolder({
  'good.yaml': "listeners: { mqtt: { type: tcp, bind: '127.0.0.1:0' } }\npasswords: users\nacl: rules\n",
  'bad.yaml': "listeners: { mqtt: { type: tcp, bind: '127.0.0.1:0' } }\npasswords: none\nacl: wrong\n",
  'named.yaml':
    "listeners: { mqtt: { type: tcp, bind: '127.0.0.1:0' } }\nacl: rules\n" +
    'plugins: { builtin: { use: ./gate.ts } }\n',
  users: '',
  rules: 'topic a\n',
  wrong: 'topic a\n\ntopic a/#/b\n',
})
const load = (name: string) => loadConfig(path.join(folder, name))

it('files of passwords and rules are found beside the config; without them there is no voter', async () => {
  const [tenant] = (await load('good.yaml')).config.tenants
  assert.equal(tenant?.builtin?.passwords?.size, 0)
  assert.ok(tenant.builtin.acl !== undefined)
  assert.equal((await loadConfig(undefined)).config.tenants[0]?.builtin, undefined)
})

it('every mistake in them is named, with both places', async () => {
  await assert.rejects(load('bad.yaml'), (error: Error) => {
    assert.match(error.message, /bad\.yaml:2.* passwords: .*none cannot be read/)
    assert.match(error.message, /bad\.yaml:3.* acl: .*wrong:3 "a\/#\/b" is no topic filter/)
    return true
  })
})

it('no plugin is called as the voter is', async () => {
  await assert.rejects(load('named.yaml'), /builtin.*own voter/)
})
