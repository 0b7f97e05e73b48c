import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Effect, loadPlugin, type Told } from '../../../sandbox/test-kit.ts'
import { TELLERS, type TellerName } from '../../../sandbox/sdk/hooks.ts'
import { hookPages } from '../../support/hook-pages.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

suite('a teller’s example, in a real cell, does what its page states', { concurrency: 2 }, () => {
  for (const { hook, code, claims } of hookPages('tellers.ts')) {
    test(hook, async (t) => {
      const plugin = await loadPlugin(await pluginFolder(t, { 'plugin.ts': code }))
      t.after(() => plugin.close())
      for (const { event, answers } of claims) {
        // which of the events it is, its hook says
        const told = await plugin[teller(hook)](event as never)
        assert.equal(told.outcome, 'ok', told.detail)
        assert.deepEqual(deeds(told), answers)
      }
    })
  }
})

function teller(hook: string): TellerName {
  const found = TELLERS.find((name) => name === hook)
  assert.ok(found)
  return found
}

/** What the plugin did, as its page words it. */
function deeds({ logs, effects }: Told): string[] {
  return [
    ...logs.map(
      ({ text, fields }) => `log: ${text}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}`,
    ),
    ...effects.map(deed),
  ]
}

function deed(effect: Effect): string {
  switch (effect.capability) {
    case 'publish':
      return `publish: ${effect.topic} ${Buffer.from(effect.payload).toString()}`
    case 'metrics':
      return `${effect.kind}: ${effect.name} ${effect.value}`
    case 'subscribe':
      return `subscribe: ${effect.clientId} ${effect.filter}`
  }
}
