import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pluginCommand } from '../../../../src/cli/commands/plugin.ts'

test('what an author does has a word each, in the order in which it is done', () => {
  const { commands } = pluginCommand('plugin')
  assert.deepEqual(
    commands.map((command) => command.name()),
    [
      'init',
      'test',
      'build',
      'sign',
      'deploy',
      'list',
      'versions',
      'tail',
      'promote',
      'rollback',
      'config',
      'delete',
    ],
  )
})
