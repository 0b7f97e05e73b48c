import assert from 'node:assert/strict'
import { test } from 'node:test'
import { powerPorts } from '../../src/power-ports.ts'
import { PluginServices } from '../../src/protocol/plugin-services.ts'
import { StagedRealm } from '../support/staged-realm.ts'

const PUBLICATION = {
  topic: 'a',
  payload: Buffer.from('x'),
  qos: 0,
  retain: false,
  properties: {},
  hops: 1,
} as const

test('a tenant that is not there has nothing to be found, and nothing happens in it', async () => {
  const ports = powerPorts(() => undefined)
  assert.equal(ports.publish?.('gone', 'p', PUBLICATION), false)
  assert.equal(ports.sessions?.get('gone', 'ann'), undefined)
  assert.deepEqual(await ports.sessions?.list('gone', undefined, 10), [])
  assert.equal(await ports.retained?.get('gone', 'a', -1), undefined)
  assert.deepEqual(await ports.retained?.list('gone', '#', 10, -1), [])
  assert.deepEqual(ports.subscriptions?.ofClient('gone', 'ann', 10), [])
  assert.deepEqual(await ports.subscriptions?.matching('gone', 'a', 10), [])
  assert.equal(await ports.subscribe?.('gone', 'p', 'ann', 'a', 0), null)
})

test('each tenant’s powers reach into that tenant alone', async () => {
  const { node, tenant, session } = await StagedRealm.open().then((realm) => ({
    node: realm.node,
    tenant: realm.tenant,
    session: realm.session('ann'),
  }))
  const services = new PluginServices(node, (name) => (name === 'acme' ? tenant : undefined))
  const ports = powerPorts((name) => services.of(name))
  assert.equal(ports.sessions?.get('acme', 'ann')?.clientId, session.clientId)
  assert.equal(ports.sessions?.get('other', 'ann'), undefined)
  assert.deepEqual(await ports.subscribe?.('acme', 'p', 'ann', 'a/#', 1), { qos: 1 })
  assert.equal(ports.subscriptions?.ofClient('acme', 'ann', 10).length, 1)
})
