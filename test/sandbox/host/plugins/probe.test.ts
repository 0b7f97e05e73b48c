import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PluginStage } from '../../../support/plugin-stage.ts'

const REFUSED: Readonly<Record<string, { readonly source: string; readonly message: RegExp }>> = {
  'loops while it is read (U01)': { source: 'while (true) {}', message: /guard does not load: timeout/ },
  'throws an error with a looping getter (U02)': {
    source: "throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;) {} } })",
    message: /guard does not load: timeout/,
  },
  'throws while it is read': {
    source: "\nthrow new Error('no')",
    message: /guard does not load: threw: no \(plugin\.ts:2:\d+\)/,
  },
  'cannot be interrupted while it is read': {
    source: '[].includes.call({ length: 2 ** 53 - 1 }, 1)',
    message: /guard does not load: deadline/,
  },
  'hoards while it is read': {
    source: "for (let at = 0; ; at += 1) Symbol.for('s' + at)",
    message: /guard does not load: (timeout|memory|crash|deadline)/,
  },
}

for (const [what, { source, message }] of Object.entries(REFUSED)) {
  test(`a plugin that ${what} is refused, and nothing is left of it`, async () => {
    await using stage = await PluginStage.open()
    await assert.rejects(stage.prepare(`${source}\nexport default {}`), { code: 'ERR_PLUGIN_LOAD', message })
    assert.deepEqual(stage.told, [])
  })
}
