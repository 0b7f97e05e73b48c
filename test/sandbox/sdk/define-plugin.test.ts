import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definePlugin } from '../../../sandbox/sdk/define-plugin.ts'

test('definePlugin gives back what it is given: a plugin is plain data and functions', () => {
  const plugin = { capabilities: { log: true }, authenticate: () => true } as const
  assert.equal(definePlugin(plugin), plugin)
})
