import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { loadPlugin } from '../../../sandbox/test-kit.ts'
import { ASKERS, type AskerName } from '../../../sandbox/sdk/hooks.ts'
import { hookPages, statedVerdict } from '../../support/hook-pages.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

suite('an asker’s example, in a real cell, answers what its page states', { concurrency: 2 }, () => {
  for (const { hook, code, claims } of hookPages('askers.ts')) {
    test(hook, async (t) => {
      const plugin = await loadPlugin(await pluginFolder(t, { 'plugin.ts': code }))
      t.after(() => plugin.close())
      for (const { event, answers } of claims) {
        const { outcome, detail, verdict } = await plugin[asker(hook)](event)
        assert.equal(outcome, 'ok', detail)
        const given = verdict?.verdict === 'filters' ? verdict.filters : [verdict]
        assert.deepEqual(given, answers.map(statedVerdict))
      }
    })
  }
})

function asker(hook: string): AskerName {
  const found = ASKERS.find((name) => name === hook)
  assert.ok(found)
  return found
}
