import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BuiltinVoter } from '../../../src/hooks/builtin-voter.ts'
import { FailedLogins } from '../../../src/hooks/failed-logins.ts'
import { WithBuiltin } from '../../../src/hooks/with-builtin.ts'
import { FakePlugin, FakeTenantPlugins } from '../../support/fake-plugins.ts'

test('the broker’s own voter stands before the plugins, which stay as they are', async () => {
  const own = new FakeTenantPlugins([new FakePlugin('gate', ['authenticate'])])
  own.cpuMs = 7
  const all = new WithBuiltin(own, new BuiltinVoter(null, new FailedLogins()))
  assert.deepEqual(
    all.plugins.map(({ name }) => name),
    ['builtin', 'gate'],
  )
  assert.deepEqual([all.tenant, all.cell, all.cpuMs, all.congested], ['acme', 'asleep', 7, false])
  await all.stop()
  assert.equal(own.stopped, true)
})
