import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { REDACTED_LEAST_CHARS } from '../../../src/base/limits.ts'
import { type BrokerLog, brokerLog } from '../../../src/observe/broker-log.ts'
import { listenerLog } from '../../../src/observe/listener-log.ts'
import type { Log } from '../../../src/observe/log.ts'
import { REDACTED, Redaction } from '../../../src/observe/redaction.ts'

/** Says something in every way that the broker has, all of it about `text`. */
function everything(log: Log, text: string): void {
  const broker = brokerLog(log)
  const named = { tenant: 'acme', plugin: text, client: text, topic: text, decision: text }
  const words: { readonly [Way in keyof BrokerLog]: Parameters<BrokerLog[Way]> } = {
    pluginLog: ['acme', text, 'info', text, { [text]: text, deep: { list: [text] } }],
    pluginFaulted: ['acme', text, 'authenticate', 'threw', text],
    powerBroke: ['acme', text, 'fetch', text],
    pluginState: ['acme', text, 'failed', text],
    adminFailed: [new Error(text)],
    deployed: ['acme', text, text, text, text],
    cellEnded: ['acme', 1, text],
    refused: [
      {
        ...named,
        realm: 'acme',
        remoteAddress: text,
        action: 'connect',
        reasonCode: 0x87,
        detail: text,
      },
    ],
    deliveryRefused: [named],
    storeTroubled: [text],
    storeLost: [text],
    tenantLeft: [{ tenant: 'acme', sessions: 1, messages: 1, bytes: 1 }],
    quotaExceeded: ['acme', 'connections', 1, text],
    pluginUnusable: ['acme', text, text],
    sourceFailed: [text, text],
    sourceRecovered: [text],
    deprecatedForm: ['old', text],
    audit: [
      {
        at: 0,
        tenant: 'acme',
        plugin: text,
        digest: '',
        event: 'fault',
        where: text,
        outcome: '',
        detail: text,
        count: 1,
      },
    ],
  }
  for (const [way, said] of Object.entries(words)) {
    ;(broker[way as keyof BrokerLog] as (...all: readonly unknown[]) => void)(...said)
  }
  const listeners = listenerLog(log)
  listeners.turnedAway('mqtt', 'proxy', text, text)
  listeners.renewed('mqtts', text)
}

/** The lines that come of it, as JSON: what is escaped there is escaped twice. */
function linesWith(redaction: Redaction, text: string): readonly string[] {
  const lines: string[] = []
  everything(
    {
      write: (_level, tenant, line) => void lines.push(JSON.stringify(redaction.line(tenant, line()))),
      written: () => Promise.resolve(),
    },
    text,
  )
  return lines
}

test('no secret is in any line, whatever is around it and whoever says it', () => {
  const secret = fc.string({ unit: 'binary', minLength: REDACTED_LEAST_CHARS, maxLength: 60 })
  // what is left of a line without the secret must not hold it by chance
  const noise = fc.stringMatching(/^[ .:=]{0,20}$/)
  fc.assert(
    fc.property(secret, noise, noise, fc.constantFrom('', 'acme'), (value, before, behind, tenant) => {
      fc.pre(!REDACTED.includes(value) && !/^[ .:=]+$/.test(value))
      const lines = linesWith(new Redaction([{ tenant, value }]), `${before}${value}${behind}`)
      assert.ok(lines.length >= 18)
      const inert = linesWith(new Redaction([]), before + behind)
      for (const [place, line] of lines.entries()) {
        const escaped = JSON.stringify(value).slice(1, -1)
        // a word of the broker's own that a secret happens to be is no leak
        if (inert[place]?.includes(escaped) === true) continue
        assert.ok(!line.includes(escaped), line)
      }
    }),
    { numRuns: 200 },
  )
})

test('what controls would hide is found in the form in which it is shown', () => {
  const value = 'two\nlines\u001b[2J'
  for (const line of linesWith(new Redaction([{ tenant: 'acme', value }]), `said ${value}!`)) {
    assert.doesNotMatch(line, /two/)
  }
})

test("a tenant's secrets are looked for in its own lines and in nobody's, not in a neighbour's", () => {
  const redaction = new Redaction([
    { tenant: 'acme', value: 'acme-secret' },
    { tenant: '', value: 'operator-secret' },
  ])
  const line = { fields: { a: 'acme-secret', o: 'operator-secret', n: 7 }, text: 'acme-secret' }
  const shown = (tenant: string) => redaction.line(tenant, line)
  assert.deepEqual(shown('acme'), { fields: { a: REDACTED, o: REDACTED, n: 7 }, text: REDACTED })
  assert.deepEqual(shown(''), shown('acme'))
  assert.deepEqual(shown('globex').fields, { a: 'acme-secret', o: REDACTED, n: 7 })
})

test('of secrets that begin alike the longer one goes first, and a number is one too', () => {
  const redaction = new Redaction([
    { tenant: '', value: 'hunter2' },
    { tenant: '', value: 'hunter2-and-more' },
    { tenant: '', value: '123456' },
  ])
  const { fields, text } = redaction.line('', { fields: { pin: 123456 }, text: 'hunter2-and-more hunter2' })
  assert.deepEqual([fields, text], [{ pin: REDACTED }, `${REDACTED} ${REDACTED}`])
})

test('what is too short to tell is left alone', () => {
  const redaction = new Redaction([{ tenant: '', value: 'a' }])
  assert.equal(redaction.line('', { fields: {}, text: 'a plain line' }).text, 'a plain line')
})

test('other secrets take the place of those of before', () => {
  const redaction = new Redaction([{ tenant: '', value: 'first-word' }])
  redaction.become([{ tenant: '', value: 'second-word' }])
  const { text } = redaction.line('', { fields: {}, text: 'first-word second-word' })
  assert.equal(text, 'first-word [secret]')
})
