import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Tallies } from '../../src/base/traffic.ts'
import { TENANT_QUOTAS } from '../../src/config/quotas.ts'
import { type Hearers, protocolObserver, tenantObserver } from '../../src/observers.ts'
import type { Refused } from '../../src/protocol/ports.ts'
import { received } from '../support/messages.ts'
import { testClient, testSession } from '../support/sessions.ts'

/** Hearers that write down what reaches each of them; plugins of the tenant `acme` listen to `heard`. */
function recorded(heard: readonly string[] = []): { hearers: Hearers; all: string[]; tallies: Tallies } {
  const all: string[] = []
  const tallies = new Tallies()
  const hooks: NonNullable<ReturnType<Hearers['tenants']['get']>>['hooks'] = {
    hears: (hook) => heard.includes(hook),
    tell: (hook, client, text) => all.push(`acme ${hook} ${client?.clientId ?? '-'} ${text(false)}`),
    tellMessage: (hook, client, { topic }, rest) =>
      all.push(`acme ${hook} ${client?.clientId ?? '-'} ${topic} ${rest ?? ''}`),
  }
  const hearers: Hearers = {
    log: {
      refused: ({ action, decision }) => all.push(`log refused ${action} ${decision ?? '-'}`),
      quotaExceeded: (...met) => all.push(`log quota ${met.join(' ')}`),
      deliveryRefused: ({ decision }) => all.push(`log not delivered ${decision}`),
    },
    sys: {
      came: (tenant) => all.push(`sys came ${tenant}`),
      left: (tenant) => all.push(`sys left ${tenant}`),
      dropped: (tenant) => all.push(`sys dropped ${tenant}`),
    },
    desk: {
      refused: () => 'd-1',
      notReceived: (tenant, { clientId: client }, { topic }) => ({ tenant, client, topic, decision: 'd-2' }),
    },
    tenants: new Map([['acme', { hooks, quotas: { ...TENANT_QUOTAS, connections: 7 } }]]),
    tallies: () => tallies,
  }
  return { hearers, all, tallies }
}

const REFUSED: Refused = {
  realm: 'acme',
  clientId: 'ann',
  client: null,
  remoteAddress: '127.0.0.1',
  version: 5,
  action: 'publish',
  topic: 'a/b',
  reasonCode: 0x87,
  reason: 'no',
  detail: 'gate said no',
}

test('who comes and goes is counted for its tenant', () => {
  const { hearers, all } = recorded()
  const observer = protocolObserver(hearers)
  observer.connected(testClient('ann'), 'acme')
  observer.disconnected(testClient('ann'), 'acme', 0, 'client')
  assert.deepEqual(all, ['sys came acme', 'sys left acme'])
})

test('a refusal is written down under its id, and told to plugins that listen, without what the log has', () => {
  const { hearers, all, tallies } = recorded(['onBrokerAccessDenied'])
  protocolObserver(hearers).refused(REFUSED)
  assert.equal(tallies.refused.of('publish'), 1)
  assert.deepEqual(all, [
    'log refused publish d-1',
    'acme onBrokerAccessDenied - {"action":"publish","topic":"a/b","reasonCode":135,"reason":"no"}',
  ])
})

test('plugins hear nothing of faults of the protocol, of other tenants, nor what they do not listen to', () => {
  const { hearers, all } = recorded(['onBrokerAccessDenied'])
  protocolObserver(hearers).refused({ ...REFUSED, action: 'protocol' })
  protocolObserver(hearers).refused({ ...REFUSED, realm: undefined })
  const deaf = recorded()
  protocolObserver(deaf.hearers).refused(REFUSED)
  const told = [...all, ...deaf.all].filter((line) => line.startsWith('acme'))
  assert.deepEqual(told, [])
})

test('a message that is lost is counted and told with the bound that it met; one refused is no loss', () => {
  const { hearers, all, tallies } = recorded()
  const observer = tenantObserver(hearers, 'acme')
  const full = testSession('ann', null, {
    inflightMessages: 1,
    inflightBytes: Infinity,
    queuedMessages: 0,
    queuedBytes: 0,
  })
  const message = received({ topic: 'a/b' })
  observer.dropped(full, message, 'queue-full')
  observer.dropped(full, message, 'denied')
  assert.deepEqual(
    [...tallies.dropped, ...tallies.refused],
    [
      ['queue-full', 1],
      ['receive', 1],
    ],
  )
  assert.deepEqual(all, [
    'sys dropped acme',
    'acme onBrokerMessageDropped ann a/b ,"reason":"queue-full","limit":"queuedMessages","value":0',
    'acme onBrokerAccessDenied ann {"action":"receive","topic":"a/b","reasonCode":135}',
  ])
})

test('a quota that was met is told with its value to the operator and to plugins', () => {
  const { hearers, all, tallies } = recorded()
  const observer = tenantObserver(hearers, 'acme')
  observer.quotaExceeded('connections', testClient('ann'))
  assert.equal(tallies.quotasMet.of('connections'), 1)
  assert.deepEqual(all, [
    'log quota acme connections 7 ann',
    'acme onBrokerQuotaExceeded ann {"limit":"connections","value":7}',
  ])
})

test('a delivery that was refused is logged under the id of the decision', () => {
  const { hearers, all } = recorded()
  const observer = tenantObserver(hearers, 'acme')
  observer.notReceived(testSession('ann', null), received({ topic: 'a' }), [])
  assert.deepEqual(all, ['log not delivered d-2'])
})
