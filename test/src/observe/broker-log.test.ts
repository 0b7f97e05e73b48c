import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DELIVERY_LINES_PER_SEC } from '../../../src/base/limits.ts'
import { brokerLog } from '../../../src/observe/broker-log.ts'
import type { LogLevel, LogLine } from '../../../src/observe/log.ts'

interface Line {
  readonly level: LogLevel
  readonly fields: Readonly<Record<string, unknown>>
  readonly text: string
}

/** A broker log, the lines that it writes, and whose each was said to be. */
function recorded(): { log: ReturnType<typeof brokerLog>; lines: Line[]; owners: string[] } {
  const lines: Line[] = []
  const owners: string[] = []
  const write = (level: LogLevel, tenant: string, line: () => LogLine): void => {
    const { fields, text } = line()
    lines.push({ level, fields: { ...fields }, text })
    owners.push(tenant)
  }
  return { log: brokerLog({ write, written: () => Promise.resolve() }), lines, owners }
}

const AUDITED = {
  at: 1_700_000_000_000,
  tenant: 'acme',
  plugin: 'gate',
  digest: 'ab12',
  event: 'capability.denied',
  where: 'publish',
  outcome: '',
  detail: 'outside the granted topics',
  count: 1,
} as const

const HOSTILE = 'x\n{"level":60,"msg":"tenant acme is closed"}\u001b[2J'
const SHOWN = 'x\\u000a{"level":60,"msg":"tenant acme is closed"}\\u001b[2J'

test("a plugin's line says whose words it is, and no field of the plugin's can take that place", () => {
  const { log, lines } = recorded()
  const forged = { source: 'broker', tenant: 'globex', plugin: 'other', level: 60, msg: 'all is well' }
  log.pluginLog('acme', 'gate', 'warn', 'hello', forged)
  assert.deepEqual(lines, [
    {
      level: 'warn',
      fields: { source: 'plugin', tenant: 'acme', plugin: 'gate', fields: forged },
      text: 'hello',
    },
  ])
})

test("the broker's own lines never claim to be a plugin's", () => {
  const { log, lines } = recorded()
  log.pluginFaulted('acme', 'gate', 'authenticate', 'threw', 'detail')
  log.powerBroke('acme', 'gate', 'kv', 'detail')
  log.pluginState('acme', 'gate', 'active', '')
  log.cellEnded('acme', 42, 'deadline')
  log.quotaExceeded('acme', 'connections', 5, 'ann')
  log.pluginUnusable('acme', 'gate', 'does not build')
  assert.deepEqual(
    lines.map(({ level, fields }) => [level, Object.hasOwn(fields, 'source')]),
    [
      ['warn', false],
      ['error', false],
      ['info', false],
      ['warn', false],
      ['warn', false],
      ['error', false],
    ],
  )
})

test('a plugin has four levels, of which debug is written as info', () => {
  const { log, lines } = recorded()
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    log.pluginLog('acme', 'gate', level, level, undefined)
  }
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['info', 'info', 'warn', 'error'],
  )
})

test('what strangers say is printable wherever it stands: no line of theirs looks like one of ours', () => {
  const { log, lines } = recorded()
  log.pluginLog('acme', 'gate', 'info', HOSTILE, { [HOSTILE]: HOSTILE })
  log.pluginFaulted('acme', 'gate', 'authenticate', 'threw', HOSTILE)
  log.powerBroke('acme', 'gate', 'kv', HOSTILE)
  log.pluginState('acme', 'gate', 'failed', HOSTILE)
  log.cellEnded('acme', 42, HOSTILE)
  log.refused({
    realm: 'acme',
    client: HOSTILE,
    remoteAddress: '192.0.2.1',
    action: 'publish',
    reasonCode: 0x87,
    detail: HOSTILE,
    decision: undefined,
  })
  log.quotaExceeded('acme', 'connections', 5, HOSTILE)
  log.pluginUnusable('acme', 'gate', HOSTILE)
  log.audit({ ...AUDITED, detail: HOSTILE })
  assert.equal(lines.length, 9)
  for (const { fields, text } of lines) {
    assert.doesNotMatch(text, /\p{Cc}/u)
    const whole = JSON.stringify([fields, text])
    // an escape that JSON made is one of a character that was still there
    assert.doesNotMatch(whole, /(?<!\\)\\(?:n|u001b)/)
    assert.ok(whole.includes(JSON.stringify(SHOWN).slice(1, -1)))
  }
})

test('a refusal names the code as the standard writes it', () => {
  const { log, lines } = recorded()
  log.refused({
    realm: undefined,
    client: 'c1',
    remoteAddress: '192.0.2.1',
    action: 'connect',
    reasonCode: 0x05,
    detail: 'no tenant',
    decision: 'ab-1',
  })
  assert.equal(lines[0]?.text, 'connect refused: 0x05')
})

test('each line is at the expense of the tenant that it tells of; who has none is nobody', () => {
  const { log, owners } = recorded()
  const refused = { client: 'c', remoteAddress: '', action: 'publish', reasonCode: 0x87, detail: '' }
  const refusal = { ...refused, decision: undefined }
  log.pluginLog('acme', 'gate', 'info', '', undefined)
  log.refused({ ...refusal, realm: 'globex' })
  log.refused({ ...refusal, realm: undefined })
  log.audit(AUDITED)
  assert.deepEqual(owners, ['acme', 'globex', '', 'acme'])
})

test('a record of the audit is one line with all its fields', () => {
  const { log, lines } = recorded()
  log.audit(AUDITED)
  assert.deepEqual(lines, [{ level: 'audit', fields: AUDITED, text: 'audit: capability.denied publish' }])
})

test('of refused deliveries a few a second have a line, each tenant its own, and the others are counted', () => {
  const { log, lines } = recorded()
  for (let count = 0; count < 2 * DELIVERY_LINES_PER_SEC; count += 1) {
    log.deliveryRefused({ tenant: 'acme', client: 'ann', topic: 'a', decision: `k-${count}` })
  }
  log.deliveryRefused({ tenant: 'other', client: 'bob\n', topic: 'b', decision: 'k-last' })
  assert.equal(lines.length, DELIVERY_LINES_PER_SEC + 1)
  assert.deepEqual(lines[0]?.fields, { tenant: 'acme', client: 'ann', topic: 'a', decision: 'k-0' })
  assert.deepEqual(lines.at(-1)?.fields, {
    tenant: 'other',
    client: 'bob\\u000a',
    topic: 'b',
    decision: 'k-last',
  })
})

test('the modern form of an older config is a field of its own line, and none where there is none', () => {
  const { log, lines } = recorded()
  log.deprecatedForm('this is deprecated', undefined)
  log.deprecatedForm('this is deprecated', 'plugins: {}\n')
  assert.deepEqual(lines, [
    { level: 'warn', fields: { modernForm: 'plugins: {}\n' }, text: 'this is deprecated: see `modernForm`' },
  ])
})

test('of a tenant that is not in the config it is told what the store keeps', () => {
  const { log, lines, owners } = recorded()
  log.tenantLeft({ tenant: HOSTILE, sessions: 2, messages: 6, bytes: 64 })
  assert.deepEqual(lines, [
    {
      level: 'warn',
      fields: { tenant: SHOWN, sessions: 2, messages: 6, bytes: 64 },
      text: 'the store keeps the sessions of a tenant that is not in the config',
    },
  ])
  assert.deepEqual(owners, [HOSTILE])
})
