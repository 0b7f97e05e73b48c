import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ShadowReport } from '../../../src/hooks/shadow-report.ts'
import { ShadowedPlugin } from '../../../src/hooks/shadowed-plugin.ts'
import { ShadowedPlugins } from '../../../src/hooks/shadowed-plugins.ts'
import { FakePlugin, FakeTenantPlugins } from '../../support/fake-plugins.ts'

test('of a tenant’s plugins the one of that name has a shadow, and all keep their places', () => {
  const own = [new FakePlugin('a', ['authenticate']), new FakePlugin('b', ['authenticate'])]
  const live = new FakeTenantPlugins(own)
  const { plugins, tenant } = new ShadowedPlugins(
    live,
    new FakePlugin('b', ['authenticate']),
    new ShadowReport(),
  )
  assert.deepEqual(
    plugins.map(({ name }) => name),
    ['a', 'b'],
  )
  assert.equal(plugins[0], own[0])
  assert.ok(plugins[1] instanceof ShadowedPlugin)
  assert.equal(tenant, live.tenant)
})
