import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { type LoadedPlugin, loadPlugin } from 'bulkhead/test'

async function load(t: TestContext, config: Record<string, unknown>): Promise<LoadedPlugin> {
  const plugin = await loadPlugin(import.meta.dirname, { config })
  t.after(() => plugin.close())
  return plugin
}

test('whoever comes without a user name is anonymous, and a name is taken as it is', async (t) => {
  const plugin = await load(t, {})
  const answers = [await plugin.authenticate(), await plugin.authenticate({ username: 'alice' })]
  assert.deepEqual(
    answers.map(({ verdict }) => verdict),
    [{ verdict: 'allow', principal: 'anonymous' }, { verdict: 'allow' }],
  )
})

test('without allow_anonymous a user name is needed, and any will do', async (t) => {
  const plugin = await load(t, { allow_anonymous: false })
  for (const nameless of [{}, { username: '' }]) {
    const { verdict } = await plugin.authenticate(nameless)
    assert.deepEqual(verdict, { verdict: 'deny', code: 0x86, reason: 'a user name is needed' })
  }
  assert.deepEqual((await plugin.authenticate({ username: 'alice' })).verdict, { verdict: 'allow' })
})
