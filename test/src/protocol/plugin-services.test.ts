import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginServices } from '../../../src/protocol/plugin-services.ts'
import { StagedRealm } from '../../support/staged-realm.ts'

test('each tenant has services of its own, always the same; who is no tenant has none', async () => {
  const [acme, globex] = [await StagedRealm.open(), await StagedRealm.open()]
  const realms = new Map([
    ['acme', acme.tenant],
    ['globex', globex.tenant],
  ])
  const services = new PluginServices(acme.node, (tenant) => realms.get(tenant))
  acme.session('ann')
  assert.equal(services.of('acme')?.view.session('ann')?.clientId, 'ann')
  assert.equal(services.of('globex')?.view.session('ann'), undefined)
  assert.equal(services.of('acme'), services.of('acme'))
  assert.equal(services.of('nobody'), undefined)
})
