import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { createBroker } from '../../../src/index.ts'
import { FREE_LISTENERS, startBroker } from '../../support/broker.ts'
import { GATE } from '../../support/gate-plugin.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const folder = tempFolder({ 'gate/plugin.ts': GATE })
const gate = path.join(folder, 'gate')
const SILENT = { log: 'silent', env: {} } as const
const tenants = await startBroker({
  tenants: {
    gated: { match: { usernamePrefix: 'g:' }, plugins: { [gate]: { users: [] } } },
    closed: { match: { listener: 'web' }, topicDefault: 'deny' },
    default: { anonymous: true },
  },
})
const lines = tenants.broker.describe()

test('the start lines say where it listens', () => {
  assert.equal(lines[0], 'Bulkhead is running.')
  assert.ok(lines.includes(`  listening  ${tenants.url}  (mqtt)`))
  assert.ok(lines.includes(`  listening  ${tenants.webUrl}  (web)`))
})

const of = (name: string): string => lines.find((line) => line.startsWith(`  tenant     ${name}:`)) ?? ''

test('they say in words who decides what, and what nobody decides', () => {
  assert.match(
    of('gated'),
    /plugins decide who connects; .* subscribe, receive: allowed, where no grants say otherwise$/,
  )
  assert.match(of('closed'), /nobody may connect .*; no plugin decides publish, subscribe, receive: denied$/)
  assert.match(of('default'), /anybody may connect; no plugin decides publish, subscribe, receive: allowed$/)
})

test('they name each plugin with its version, hooks and powers', () => {
  const line = lines.find((each) => each.startsWith('  plugin     gate'))
  assert.match(line ?? '', /gate \S+: decides authenticate, authorizePublish; hears 1 event; may use log$/)
})

test('they say what outlives the process, and when it is safe', async () => {
  assert.ok(lines.includes('  data       in memory: nothing outlives this process'))
  const data = tempFolder({})
  for (const [durability, safe] of [
    ['fsync', 'acknowledged is what the disk has'],
    ['os', 'acknowledged is what the operating system has'],
  ] as const) {
    const kept = await createBroker({ listeners: FREE_LISTENERS, data, durability }, SILENT)
    assert.ok(kept.describe().includes(`  data       ${data}: ${safe}`))
    await kept.stop()
  }
})

test('they say which layers of the jail stand', () => {
  assert.ok(lines.some((line) => /^ {2}jail {7}\S/.test(line)))
})

test('they repeat what the config warns of', () => {
  const [warning, ...more] = tenants.broker.warnings
  assert.match(warning ?? '', /closed/)
  assert.deepEqual(more, [])
  assert.equal(lines.at(-1), `  warning    ${warning}`)
})
