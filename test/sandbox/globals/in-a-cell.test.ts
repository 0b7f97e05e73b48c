import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadPlugin } from 'bulkhead/test'
import { globalsSamples } from '../../support/globals-samples.ts'
import { pluginFolder } from '../../support/plugin-folder.ts'

const SAMPLES = join(import.meta.dirname, '..', '..', 'support', 'globals-samples.ts')

test('in its cell a plugin gets of each global what Node gives', async (t) => {
  const folder = await pluginFolder(t, {
    'samples.ts': await readFile(SAMPLES, 'utf8'),
    'plugin.ts': `import { abstain, definePlugin } from 'bulkhead/plugin'
      import { globalsSamples } from './samples.ts'
      export default definePlugin({
        capabilities: { log: true },
        authorizePublish: (event, ctx) => {
          const samples = globalsSamples()
          for (let at = 0; at < samples.length; at += 4)
            ctx.log.info('samples', { samples: samples.slice(at, at + 4) })
          return abstain()
        },
      })`,
  })
  const plugin = await loadPlugin(folder)
  try {
    const { outcome, detail, logs } = await plugin.authorizePublish({})
    assert.equal(outcome, 'ok', detail)
    assert.deepEqual(
      logs.flatMap(({ fields }) => fields?.['samples']),
      globalsSamples(),
    )
  } finally {
    await plugin.close()
  }
})

test('a fault in a global is told with the place where the plugin used it', async (t) => {
  const folder = await pluginFolder(t, {
    'plugin.ts': `import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => new URL(event.topic).href === '',
})`,
  })
  const plugin = await loadPlugin(folder)
  try {
    const { outcome, detail } = await plugin.authorizePublish({ topic: 'no url' })
    assert.equal(outcome, 'threw')
    assert.equal(detail, 'TypeError: Invalid URL: it has no scheme, and there is no base (plugin.ts:3:32)')
  } finally {
    await plugin.close()
  }
})
