import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Quotas } from '../../../src/session/quotas.ts'
import type { Session } from '../../../src/session/session.ts'
import { Tenant } from '../../../src/tenants/tenant.ts'
import { testSession } from '../../support/sessions.ts'
import { endlessTurns } from '../../support/turns.ts'

const NONE: Quotas = {
  connections: Infinity,
  sessions: Infinity,
  messagesPerSec: Infinity,
  bytesPerSec: Infinity,
  retainedMessages: Infinity,
  retainedBytes: Infinity,
  subscriptionsPerSession: Infinity,
  willBytes: 1000,
  maximumPacketSize: Infinity,
  sessionExpirySec: Infinity,
  inflightMessages: 10,
  queuedMessages: 10,
  queuedBytes: 1000,
}

interface Met {
  readonly tenant: Tenant<string, object, string, string, string, string>
  readonly limits: (readonly [limit: string, client: string | null])[]
  readonly drops: (readonly [session: Session, message: string, reason: string])[]
  readonly refused: (readonly string[])[]
}

/** A tenant with these quotas, and what its observer was told. */
function tenantWith(quotas: Partial<Quotas>): Met {
  const limits: Met['limits'] = []
  const drops: Met['drops'] = []
  const refused: Met['refused'] = []
  const settings = {
    name: 'acme',
    anonymous: false,
    topicDefault: 'deny',
    quotas: { ...NONE, ...quotas },
    limits: { publishesPerSec: 3 },
  } as const
  const tenant: Met['tenant'] = new Tenant(
    settings,
    'hooks',
    {
      dropped: (...drop) => drops.push(drop),
      notReceived: (_session, _message, voices) => refused.push(voices),
      quotaExceeded: (...limit) => limits.push(limit),
      clientLimitMet: (limit, value, client) => limits.push([`${limit} ${value}`, client]),
    },
    endlessTurns(),
  )
  return { tenant, limits, drops, refused }
}

test('two tenants share nothing: sessions, subscriptions, peers and quotas are their own', () => {
  const { tenant: one } = tenantWith({ retainedMessages: 1 })
  const { tenant: other } = tenantWith({ retainedMessages: 1 })
  assert.equal(one.admitRetained('t', 1), true)
  assert.equal(other.admitRetained('t', 1), true)
  assert.notEqual(one.sessions, other.sessions)
  assert.notEqual(one.subscriptions, other.subscriptions)
  assert.notEqual(one.peers, other.peers)
})

test('a retained message above the count is refused, and the limit is told by its name', () => {
  const { tenant, limits } = tenantWith({ retainedMessages: 2 })
  assert.deepEqual([tenant.admitRetained('a', 1), tenant.admitRetained('b', 1)], [true, true])
  assert.equal(tenant.admitRetained('c', 1), false)
  assert.deepEqual(limits, [['retainedMessages', null]])
  assert.equal(tenant.admitRetained('a', 2), true)
  tenant.admitRetained('b', 0)
  assert.equal(tenant.admitRetained('c', 1), true)
})

test('a retained message above the bytes is refused, and what it would have replaced still counts', () => {
  const { tenant, limits } = tenantWith({ retainedBytes: 10 })
  assert.equal(tenant.admitRetained('a', 10), true)
  assert.equal(tenant.admitRetained('a', 11), false)
  assert.equal(tenant.admitRetained('b', 1), false)
  assert.deepEqual(limits, [
    ['retainedBytes', null],
    ['retainedBytes', null],
  ])
  assert.equal(tenant.admitRetained('a', 9), true)
  assert.equal(tenant.admitRetained('b', 1), true)
})

test('whatever is retained, replaced and cleared, count and bytes are those of what was admitted', () => {
  const step = fc.record({ topic: fc.constantFrom('a', 'b', 'c'), bytes: fc.nat({ max: 6 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (script) => {
      const { tenant } = tenantWith({ retainedMessages: 2, retainedBytes: 8 })
      const kept = new Map<string, number>()
      for (const { topic, bytes } of script) {
        const others = [...kept].filter(([other]) => other !== topic)
        const total = others.reduce((sum, [, each]) => sum + each, bytes)
        const fits = bytes === 0 || (total <= 8 && others.length < 2)
        assert.equal(tenant.admitRetained(topic, bytes), fits)
        if (bytes === 0) kept.delete(topic)
        else if (fits) kept.set(topic, bytes)
      }
    }),
  )
})

test('the slower of the two rates says how long to wait', () => {
  const { tenant } = tenantWith({ messagesPerSec: 1000, bytesPerSec: 10 })
  assert.equal(tenant.takeRate(10, 'alice'), 0)
  const waitMs = tenant.takeRate(100, 'alice')
  assert.ok(waitMs > 9000 && waitMs <= 10_000)
})

test('without rates nobody waits', () => {
  const { tenant } = tenantWith({})
  for (let turn = 0; turn < 3; turn += 1) assert.equal(tenant.takeRate(1_000_000_000, 'alice'), 0)
})

test('a drop and a quota that was met go to the observer as they are', () => {
  const { tenant, drops, limits } = tenantWith({})
  const session = testSession('ann', null)
  tenant.dropped(session, 'message', 'queue-full')
  tenant.quotaExceeded('connections', 'ann')
  tenant.clientLimitMet('publishPerSec', 5, 'ann')
  assert.deepEqual(drops, [[session, 'message', 'queue-full']])
  assert.deepEqual(limits, [
    ['connections', 'ann'],
    ['publishPerSec 5', 'ann'],
  ])
})

test("plugins' messages are refused where a rate does not cover them, and then nothing is owed", () => {
  const { tenant } = tenantWith({})
  const taken = [1, 2, 3, 4].map(() => tenant.admitPluginPublish(10))
  assert.deepEqual(taken, [true, true, true, false])
  const { tenant: slow } = tenantWith({ messagesPerSec: 1 })
  assert.deepEqual([slow.admitPluginPublish(1), slow.admitPluginPublish(1)], [true, false])
  const { tenant: narrow } = tenantWith({ bytesPerSec: 10 })
  assert.deepEqual([narrow.admitPluginPublish(11), narrow.admitPluginPublish(10)], [false, true])
})

test('who refused a delivery is passed on, for whoever writes it down', () => {
  const { tenant, refused } = tenantWith({})
  tenant.notReceived(testSession('ann', null), 'message', ['gate'])
  assert.deepEqual(refused, [['gate']])
})
