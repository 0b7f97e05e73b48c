import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { tempFolder } from '../../../support/temp-folder.ts'
import { startBulkhead } from '../bulkhead.ts'

test('plugin init says what it has written, and what to do next', async () => {
  const cwd = tempFolder({})
  const { code, stdout } = await startBulkhead(['plugin', 'init', 'meters'], { cwd }).ended
  assert.equal(code, 0)
  assert.match(stdout, /^meters: plugin\.ts, plugin\.test\.ts, /)
  assert.match(stdout, /bulkhead plugin test meters$/m)
  assert.ok(existsSync(path.join(cwd, 'meters/plugin.ts')))
})
