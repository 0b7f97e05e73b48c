import assert from 'node:assert/strict'
import { test } from 'node:test'
import { USAGE } from '../../../src/base/limits.ts'
import { MemoryDocuments } from '../../../src/engine/memory/memory-documents.ts'
import { NO_USAGE, type UsageCounts } from '../../../src/observe/usage-counts.ts'
import { UsageLedger, type UsageStore } from '../../../src/observe/usage-ledger.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const at = (text: string): number => Date.parse(`${text}:00Z`)
const reading = (tenant: string, messagesIn: number, more: Partial<UsageCounts> = {}) => ({
  tenant,
  counts: { ...NO_USAGE, messagesIn, ...more },
})

async function spans(ledger: UsageLedger, tenant: string, from: string, to: string) {
  const found = await ledger.read(tenant, at(from), at(to))
  return found.map(({ from: begins, messagesIn }) => [begins.slice(0, 13), messagesIn])
}

test('what has come counts for the hour in which it came, written or not', async () => {
  const ledger = new UsageLedger(new MemoryDocuments(), at('2026-03-01T13:59'))
  ledger.take([reading('acme', 5)], at('2026-03-01T14:00'))
  ledger.take([reading('acme', 7)], at('2026-03-01T14:01'))
  const told = [
    ['2026-03-01T13', 5],
    ['2026-03-01T14', 2],
  ]
  assert.deepEqual(await spans(ledger, 'acme', '2026-03-01T13:00', '2026-03-01T15:00'), told)
  await ledger.write(at('2026-03-01T14:01'))
  assert.deepEqual(await spans(ledger, 'acme', '2026-03-01T13:00', '2026-03-01T15:00'), told)
  ledger.take([reading('acme', 10)], at('2026-03-01T14:02'))
  assert.deepEqual(await spans(ledger, 'acme', '2026-03-01T14:30', '2026-03-01T15:00'), [
    ['2026-03-01T14', 5],
  ])
  assert.deepEqual(await spans(ledger, 'acme', '2026-03-01T13:00', '2026-03-01T14:00'), [told[0]])
})

test('a process that comes after one that has ended adds to what that wrote', async () => {
  const documents = new MemoryDocuments()
  for (const count of [3, 4]) {
    const ledger = new UsageLedger(documents, at('2026-03-01T14:00'))
    ledger.take([reading('acme', count, { kvBytes: 10 * count })], at('2026-03-01T14:10'))
    await ledger.write(at('2026-03-01T14:10'))
  }
  const kept = await documents.get('acme', 'usage', '2026-03-01T14')
  const { messagesIn, kvBytes } = JSON.parse(kept?.text ?? '') as UsageCounts
  assert.deepEqual([messagesIn, kvBytes], [7, 40], 'what is kept is no sum: it is the most')
})

test('tenants are told apart, and who did nothing costs nothing', async () => {
  const documents = new MemoryDocuments()
  const ledger = new UsageLedger(documents, at('2026-03-01T14:00'))
  ledger.take([reading('acme', 1), reading('idle', 0, { kvBytes: 9 })], at('2026-03-01T14:01'))
  await ledger.write(at('2026-03-01T14:01'))
  assert.deepEqual(await documents.list('idle', 'usage', undefined, 9), [])
  assert.deepEqual(await ledger.read('idle', 0, at('2027-01-01T00:00')), [])
  assert.deepEqual((await documents.list('acme', 'usage', undefined, 9)).length, 1)
})

test('what a store in trouble does not take is written when it is out of it, once', async () => {
  const documents = new MemoryDocuments()
  let isTroubled = true
  const store: UsageStore = {
    get: (...place) => documents.get(...place),
    list: (...place) => documents.list(...place),
    change: (changes) => (isTroubled ? Promise.reject(new Error('full')) : documents.change(changes)),
  }
  const ledger = new UsageLedger(store, at('2026-03-01T14:00'))
  ledger.take([reading('acme', 3)], at('2026-03-01T14:05'))
  await ledger.write(at('2026-03-01T14:05'))
  isTroubled = false
  ledger.take([reading('acme', 4)], at('2026-03-01T14:10'))
  await ledger.write(at('2026-03-01T14:10'))
  await ledger.write(at('2026-03-01T14:15'))
  assert.deepEqual(await spans(ledger, 'acme', '2026-03-01T14:00', '2026-03-01T15:00'), [
    ['2026-03-01T14', 4],
  ])
})

test('a tenant that is deleted leaves nothing, not even what is on its way to the store', async () => {
  const documents = new MemoryDocuments()
  const { promise, resolve } = Promise.withResolvers<void>()
  const slow: UsageStore = {
    get: async (...place) => {
      await promise
      return documents.get(...place)
    },
    list: (...place) => documents.list(...place),
    change: (changes) => documents.change(changes),
  }
  const ledger = new UsageLedger(slow, at('2026-03-01T14:00'))
  ledger.take([reading('acme', 3), reading('globex', 1)], at('2026-03-01T14:05'))
  const written = ledger.write(at('2026-03-01T14:05'))
  ledger.forget('acme')
  resolve()
  await written
  assert.deepEqual(await documents.list('acme', 'usage', undefined, 9), [])
  assert.equal((await documents.list('globex', 'usage', undefined, 9)).length, 1)
  // its counters begin anew under the same name
  ledger.take([reading('acme', 2)], at('2026-03-01T14:06'))
  assert.deepEqual(await spans(ledger, 'acme', '2026-03-01T14:00', '2026-03-01T15:00'), [
    ['2026-03-01T14', 2],
  ])
})

test('hours become days after 35 days, and days go after 13 months: what is kept is bounded', async () => {
  const documents = new MemoryDocuments()
  const start = at('2024-01-01T00:00')
  const ledger = new UsageLedger(documents, start)
  let count = 0
  const days = USAGE.daysKept + 40
  for (let day = 0; day < days; day += 1) {
    for (const hour of [3, 15]) {
      count += 1
      ledger.take([reading('acme', count)], start + day * DAY_MS + hour * HOUR_MS)
    }
    await ledger.write(start + day * DAY_MS + 16 * HOUR_MS)
  }
  const hours = await documents.list('acme', 'usage', undefined, 10_000)
  const kept = await documents.list('acme', 'usage-day', undefined, 10_000)
  assert.ok(hours.length <= 24 * (USAGE.hoursKeptDays + 1), `${hours.length}`)
  assert.ok(kept.length <= USAGE.daysKept && kept.length > USAGE.daysKept - 40, `${kept.length}`)
  const all = await ledger.read('acme', start, start + days * DAY_MS)
  assert.equal(all.at(-1)?.hours, 1)
  assert.equal(all[0]?.hours, 24)
  const froms = all.map(({ from }) => from)
  assert.deepEqual(froms, froms.toSorted())
  // each day has two, but for the first that is there, whose hours may lie on both sides of the bound
  const sum = all.reduce((total, { messagesIn }) => total + messagesIn, 0)
  assert.ok(sum <= count && sum >= 2 * (USAGE.daysKept - 1), `${sum} of ${count}`)
})

test('what is written and no usage is told where it is read, and counting goes on from nothing', async () => {
  const documents = new MemoryDocuments()
  await documents.change([{ tenant: 'acme', kind: 'usage', key: '2026-03-01T14', text: '{}' }])
  const ledger = new UsageLedger(documents, at('2026-03-01T14:00'))
  await assert.rejects(ledger.read('acme', at('2026-03-01T00:00'), at('2026-03-02T00:00')), {
    code: 'ERR_STORE',
    message: /^usage of acme at 2026-03-01T14 cannot be read/,
  })
  ledger.take([reading('acme', 3)], at('2026-03-01T14:05'))
  await ledger.write(at('2026-03-01T14:05'))
  assert.deepEqual(await spans(ledger, 'acme', '2026-03-01T14:00', '2026-03-01T15:00'), [
    ['2026-03-01T14', 3],
  ])
})
