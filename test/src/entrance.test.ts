import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entranceOf } from '../../src/entrance.ts'
import { StagedRealm } from '../support/staged-realm.ts'
import { ConfigFolder } from './config/config-folder.ts'

const { config } = await new ConfigFolder().load(`
mqtt: { receiveMaximum: 7 }
listeners:
  a: { type: tcp, bind: "127.0.0.1:0" }
  b: { type: tcp, bind: "127.0.0.1:0", mqtt: { receiveMaximum: 9 } }
tenants:
  acme: { match: { usernamePrefix: "acme:" }, anonymous: true }
  gone: { match: { listener: b }, anonymous: true }
`)
const { tenant } = await StagedRealm.open()
const residents = {
  configs: config.tenants,
  open: (name: string) => (name === 'acme' ? tenant : undefined),
}
const entrance = entranceOf(config, residents)
const plain = { tls: null, upgrade: null }

test('by each listener its own settings hold', () => {
  assert.deepEqual([entrance.mqttOn('a').receiveMaximum, entrance.mqttOn('b').receiveMaximum], [7, 9])
  assert.equal(entrance.mqtt.receiveMaximum, 7)
})

test('a newcomer is let in to the tenant that it matches, without the prefix that said so', () => {
  assert.deepEqual(entrance.resolve(plain, 'a', 'acme:ann'), { realm: tenant, username: 'ann' })
})

test('who matches none, or one that is not there, is not let in', () => {
  assert.equal(entrance.resolve(plain, 'a', 'ann'), null)
  assert.equal(entrance.resolve(plain, 'b', 'ann'), null)
})

test('assigned client identifiers begin with the prefix, and no two are alike', () => {
  const [one, other] = [entrance.newClientId('p-'), entrance.newClientId('p-')]
  assert.match(one, /^p-[0-9a-f-]{36}$/)
  assert.notEqual(one, other)
})
