import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grant } from '../../../../sandbox/host/plugins/grant.ts'
import type { PluginSource, PreparedPlugin } from '../../../../sandbox/index.ts'

const granted = (
  asked: PreparedPlugin['capabilities'],
  allow: PluginSource['allow'],
): PreparedPlugin['capabilities'] => grant({ name: 'gate', allow }, asked)

function refused(asked: PreparedPlugin['capabilities'], allow: PluginSource['allow'], message: RegExp): void {
  assert.throws(() => granted(asked, allow), { code: 'ERR_PLUGIN_CAPABILITY', message })
}

test('what is not asked for is not granted, what is not allowed is refused by name', () => {
  assert.deepEqual(granted({ log: true }, { log: true, sessions: true }), { log: true })
  assert.deepEqual(granted({}, { log: true }), {})
  refused({ log: true, crypto: true, fetch: { hosts: ['a'] } }, { log: true }, /gate asks for crypto, fetch/)
})

test('a bare `true` of the operator allows what is asked', () => {
  const asked = { kv: { bytes: 10 }, fetch: { hosts: ['a.example'] } }
  assert.deepEqual(granted(asked, { kv: true, fetch: true }), asked)
})

test('of numbers the smaller is granted, whoever says it', () => {
  assert.deepEqual(granted({ kv: { bytes: 10 } }, { kv: { bytes: 7 } }), { kv: { bytes: 7 } })
  assert.deepEqual(granted({ kv: { bytes: 7 } }, { kv: { bytes: 10 } }), { kv: { bytes: 7 } })
})

test('of lists what stands in both is granted; nothing in common is a load error', () => {
  const asked = { fetch: { hosts: ['a.example', 'b.example'] } }
  assert.deepEqual(granted(asked, { fetch: { hosts: ['b.example', 'c.example'] } }), {
    fetch: { hosts: ['b.example'] },
  })
  refused(asked, { fetch: { hosts: ['c.example'] } }, /gate: capability fetch: hosts/)
  refused(asked, { fetch: { hosts: [] } }, /gate: capability fetch: hosts/)
})

test('who fetches where the operator says gets the hosts and origins that it names, and must be told some', () => {
  const origins = ['http://auth.internal:8080']
  assert.deepEqual(granted({ fetch: true }, { fetch: { private: origins } }), {
    fetch: { hosts: [], private: origins },
  })
  assert.deepEqual(granted({ fetch: true }, { fetch: { hosts: ['a.example'] } }), {
    fetch: { hosts: ['a.example'], private: [] },
  })
  refused({ fetch: true }, { fetch: true }, /fetch: it fetches where the operator says: name `hosts`/)
  refused(
    { fetch: true },
    { fetch: { private: ['auth.internal'] } },
    /private: "auth.internal" must be an origin/,
  )
})

test('who names hosts of its own is never granted the operator’s network', () => {
  const allow = { fetch: { hosts: ['a.example'], private: ['http://auth.internal'] } }
  assert.deepEqual(granted({ fetch: { hosts: ['a.example'] } }, allow), { fetch: { hosts: ['a.example'] } })
  refused({ fetch: { hosts: ['auth.internal'] } }, allow, /fetch: hosts/)
  refused({ fetch: { hosts: ['a.example'] } }, { fetch: { private: ['http://a.example'] } }, /fetch: hosts/)
})

test('a bound of another kind than what is asked allows nothing', () => {
  refused({ kv: { bytes: 10 } }, { kv: { bytes: '10' } }, /capability kv: bytes/)
  refused({ fetch: { hosts: ['a'] } }, { fetch: { hosts: 'a' } }, /capability fetch: hosts/)
})

test('to publish, a topic must be within what was asked and within what is allowed: both lists are kept', () => {
  const asked = { publish: { topics: ['a/+/x', 'c/#'], perSecond: 5 } }
  assert.deepEqual(granted(asked, { publish: true }), asked)
  assert.deepEqual(granted(asked, { publish: { topics: ['a/b/#'], perSecond: 3 } }), {
    publish: { topics: ['a/+/x'], within: ['a/b/#'], perSecond: 3 },
  })
  assert.deepEqual(granted(asked, { publish: { perSecond: 9 } }), asked)
})

test('topics that do not meet, or are none, are a load error', () => {
  const asked = { publish: { topics: ['a/#'] } }
  refused(asked, { publish: { topics: ['b/#'] } }, /gate: capability publish: topics/)
  refused(asked, { publish: { topics: [] } }, /capability publish: topics/)
  refused(asked, { publish: { topics: 'a/#' } }, /capability publish: topics: must be a list/)
  refused(asked, { publish: { topics: ['a#'] } }, /topics: "a#": a wildcard fills its whole level/)
  for (const topic of ['$SYS/#', '$share/g/a', '']) {
    refused({ publish: { topics: [topic] } }, { publish: true }, /capability publish: topics: "/)
  }
  refused({ publish: true }, { publish: true }, /capability publish: topics/)
})

test('a query or a directory that the tenant does not have is a load error that names what there is', () => {
  const asked = { query: { names: ['findUser', 'findTopics'] } }
  assert.deepEqual(granted(asked, { query: { names: ['findTopics', 'other', 'findUser'] } }), asked)
  assert.deepEqual(granted(asked, { query: true }), asked)
  refused(
    asked,
    { query: { names: ['findUser'] } },
    /query: its tenant has no "findTopics"; there is: findUser/,
  )
  refused({ ldap: { names: ['staff'] } }, { ldap: { names: [] } }, /has no "staff"; there is: none/)
})
