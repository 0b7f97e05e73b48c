import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Call } from '../../../sandbox/guest/call.ts'
import { Outbox } from '../../../sandbox/guest/outbox.ts'
import { directories, query } from '../../../sandbox/guest/source-powers.ts'
import type { Directories, Query } from '../../../sandbox/sdk/source-powers.ts'
import { ISOLATE_LIMITS } from '../../support/isolate-limits.ts'

function stage() {
  const outbox = new Outbox(ISOLATE_LIMITS)
  const call = new Call(ISOLATE_LIMITS)
  return {
    outbox,
    query: query(outbox, call) as Query,
    ldap: directories(outbox, call) as Directories,
  }
}

test('rows are frozen, and their bytes are bytes', async () => {
  const { outbox, query: ask } = stage()
  const asked = ask('find', { user: 'x' })
  outbox.answered(1, true, [{ n: 1, raw: { bytes64: 'AP8=' }, none: null }])
  const rows = await asked
  assert.deepEqual(rows, [{ n: 1, raw: new Uint8Array([0, 255]), none: null }])
  assert.ok(Object.isFrozen(rows) && Object.isFrozen(rows[0]))
})

test('a query without parameters has none', () => {
  const { outbox, query: ask } = stage()
  void ask('find')
  assert.match(outbox.take(), /\\"parameters\\":\{\}/)
})

test('a bind comes to yes or no, a search to frozen entries', async () => {
  const { outbox, ldap } = stage()
  const bound = ldap.bind('staff', { user: 'x' }, new Uint8Array([255]))
  const found = ldap.search('staff', { user: 'x' })
  assert.match(outbox.take(), /\\"password64\\":\\"\/w==\\"/)
  outbox.answered(1, true, { matches: false })
  outbox.answered(2, true, [{ dn: 'uid=x', attributes: { mail: ['a'] } }])
  assert.equal(await bound, false)
  const [entry] = await found
  assert.ok(Object.isFrozen(entry?.attributes['mail']))
})
