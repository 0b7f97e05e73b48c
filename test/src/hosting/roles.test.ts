import assert from 'node:assert/strict'
import { test } from 'node:test'
import { covers, ROLES } from '../../../src/hosting/roles.ts'

test('each role may what those below it may, and nothing above', () => {
  for (const [place, role] of ROLES.entries())
    for (const [other, needed] of ROLES.entries()) assert.equal(covers(role, needed), place >= other)
})
