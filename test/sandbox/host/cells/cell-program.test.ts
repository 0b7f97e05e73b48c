import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { addonPath, cellProgram } from '../../../../sandbox/host/cells/cell-program.ts'

test('the program is one script with the guest in it, and requires built-ins alone', async () => {
  const program = await cellProgram()
  const required = [...program.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name)
  // the second to have garbage collected before a heap counts as full
  assert.deepEqual(new Set(required), new Set(['node:fs', 'node:v8']))
  assert.ok(program.includes('return guest.enter'))
  assert.ok(program.includes(JSON.stringify(addonPath())))
})

test('it is bundled once', () => {
  assert.equal(cellProgram(), cellProgram())
})

test('the addon’s binary for this machine is there', () => {
  assert.ok(existsSync(addonPath()), addonPath())
})
