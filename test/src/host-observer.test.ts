import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIMITS } from '../../sandbox/index.ts'
import { Tallies } from '../../src/base/traffic.ts'
import { hostObserver } from '../../src/host-observer.ts'
import { auditRecord } from '../contract/audit-contract.ts'

/** An observer whose hearers write down what reaches them. */
function recorded() {
  const all: string[] = []
  const tallies = new Tallies()
  const heard =
    (what: string) =>
    (...told: readonly unknown[]): void =>
      void all.push(`${what} ${told.filter((each) => typeof each !== 'object').join(' ')}`)
  const observer = hostObserver({
    log: {
      pluginLog: heard('log plugin'),
      powerBroke: heard('log power'),
      pluginState: heard('log state'),
      cellEnded: heard('log cell'),
      pluginFaulted: heard('log fault'),
      audit: heard('log audit'),
      quotaExceeded: heard('log quota'),
    },
    audit: { append: heard('audit') },
    tenant: (name) =>
      name === 'acme'
        ? {
            hooks: { tell: (hook, _client, text) => void all.push(`told ${hook} ${text(false)}`) },
            peers: [{ realmRelieved: heard('relieved') }],
          }
        : undefined,
    limits: () => DEFAULT_LIMITS,
    tallies: () => tallies,
  })
  return { observer, all, tallies }
}

test('a fault is logged, and told to plugins with the limit that it met; one of that news is not', () => {
  const { observer, all } = recorded()
  observer.pluginFaulted('acme', 'gate', 'authorizePublish', 'timeout', 'late')
  observer.pluginFaulted('acme', 'gate', 'onPluginFaulted', 'threw', 'again')
  observer.pluginFaulted('globex', 'gate', 'authorizePublish', 'threw', 'x')
  const told = all.filter((line) => line.startsWith('told'))
  assert.equal(all.filter((line) => line.startsWith('log fault')).length, 3)
  assert.deepEqual(told, [
    'told onPluginFaulted {"plugin":"gate","hook":"authorizePublish","outcome":"timeout",' +
      `"limit":"softMs","value":${DEFAULT_LIMITS.softMs}}`,
  ])
})

test('a cell that was told to end has not failed', () => {
  const { observer, tallies } = recorded()
  observer.cellStarted('acme', 1, 1)
  observer.cellEnded('acme', 1, 'stopped')
  observer.cellStarted('acme', 2, 1)
  observer.cellEnded('acme', 2, 'it takes more memory than rssMiB')
  assert.deepEqual(
    [...tallies.cells],
    [
      ['started', 2],
      ['failed', 1],
    ],
  )
})

test('who is relieved is read on, what is to be found later is kept and logged, the rest is logged', () => {
  const { observer, all } = recorded()
  observer.relieved('acme')
  observer.relieved('globex')
  observer.audit(auditRecord('acme', 1) as Parameters<typeof observer.audit>[0])
  observer.pluginLog('acme', 'gate', 'info', 'hello', undefined)
  observer.powerBroke('acme', 'gate', 'kv', 'x')
  observer.pluginState('acme', 'gate', 'active', '')
  observer.tellersDropped('acme', 'gate', 7)
  assert.deepEqual(
    all.map((line) => line.trim()),
    [
      'relieved',
      'audit',
      'log audit',
      'log plugin acme gate info hello',
      'log power acme gate kv x',
      'log state acme gate active',
      'log quota acme tellers queued for gate, dropped 7',
    ],
  )
})
