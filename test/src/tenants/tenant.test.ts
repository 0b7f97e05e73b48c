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
  allQueuedMessages: 100,
  allQueuedBytes: 100_000,
  willBytes: 1000,
  maximumPacketSize: Infinity,
  sessionExpirySec: Infinity,
  inflightMessages: 10,
  inflightBytes: Infinity,
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
    quotas: { ...NONE, ...quotas },
    delivery: { upgradeOutgoingQos: false, queueQos0Messages: false },
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

/** What a tenant says to one message that is to be retained. */
const keep = (tenant: Met['tenant'], topic: string, bytes: number): string | null =>
  tenant.admitRetained([{ topic, bytes }])

test('two tenants share nothing: sessions, subscriptions, peers and quotas are their own', () => {
  const { tenant: one } = tenantWith({ retainedMessages: 1 })
  const { tenant: other } = tenantWith({ retainedMessages: 1 })
  assert.equal(keep(one, 't', 1), null)
  assert.equal(keep(other, 't', 1), null)
  assert.notEqual(one.sessions, other.sessions)
  assert.notEqual(one.subscriptions, other.subscriptions)
  assert.notEqual(one.peers, other.peers)
})

test('a retained message above the count is refused by the name of the quota', () => {
  const { tenant } = tenantWith({ retainedMessages: 2 })
  assert.deepEqual([keep(tenant, 'a', 1), keep(tenant, 'b', 1)], [null, null])
  assert.equal(keep(tenant, 'c', 1), 'retainedMessages')
  assert.equal(keep(tenant, 'a', 2), null)
  keep(tenant, 'b', 0)
  assert.equal(tenant.retainedQuotaMet([{ topic: 'c', bytes: 1 }]), null)
  assert.equal(keep(tenant, 'c', 1), null)
  assert.equal(tenant.retainedQuotaMet([{ topic: 'b', bytes: 1 }]), 'retainedMessages')
})

test('a retained message above the bytes is refused, and what it would have replaced still counts', () => {
  const { tenant } = tenantWith({ retainedBytes: 10 })
  assert.equal(keep(tenant, 'a', 10), null)
  assert.equal(keep(tenant, 'a', 11), 'retainedBytes')
  assert.equal(keep(tenant, 'b', 1), 'retainedBytes')
  assert.equal(keep(tenant, 'a', 9), null)
  assert.equal(keep(tenant, 'b', 1), null)
})

test('whatever is retained, replaced and cleared: all of a batch is counted, or, where one does not fit, none', () => {
  const step = fc.record({ topic: fc.constantFrom('a', 'b', 'c'), bytes: fc.nat({ max: 6 }) })
  const batches = fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 20 })
  fc.assert(
    fc.property(batches, (script) => {
      const { tenant } = tenantWith({ retainedMessages: 2, retainedBytes: 8 })
      let kept = new Map<string, number>()
      for (const batch of script) {
        const after = new Map(kept)
        const fits = batch.every(({ topic, bytes }) => {
          after.delete(topic)
          if (bytes > 0) after.set(topic, bytes)
          return after.size <= 2 && [...after.values()].reduce((sum, each) => sum + each, 0) <= 8
        })
        assert.equal(tenant.admitRetained(batch) === null, fits)
        if (fits) kept = after
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
