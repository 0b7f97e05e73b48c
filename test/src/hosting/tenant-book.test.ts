import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TenantBook } from '../../../src/hosting/tenant-book.ts'
import { newMemoryEngine } from '../../support/memory-engine.ts'

test('what was added is there at the next start, in the order in which it was made', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 0 })
  const { documents } = newMemoryEngine()
  const book = new TenantBook(documents)
  await book.add('zoo', { anonymous: true })
  t.mock.timers.tick(1000)
  await book.add('acme', {})
  await book.change('zoo', { state: 'suspended' })
  const next = new TenantBook(documents)
  next.restore(await documents.list('', 'tenant', undefined, 10))
  assert.deepEqual(
    next.all.map(({ name, state, settings }) => [name, state, settings]),
    [
      ['zoo', 'suspended', { anonymous: true }],
      ['acme', 'active', {}],
    ],
  )
})

test('two changes of the same thing: the later one is refused', async () => {
  const book = new TenantBook(newMemoryEngine().documents)
  const { revision } = await book.add('acme', {})
  await book.change('acme', { settings: { anonymous: true } }, revision)
  await assert.rejects(book.change('acme', { settings: {} }, revision), { code: 'ERR_CONFLICT' })
  assert.deepEqual(book.get('acme')?.settings, { anonymous: true })
  await assert.rejects(book.add('acme', {}), { code: 'ERR_CONFLICT' })
})

test('one that is removed is gone, and cannot be changed', async () => {
  const book = new TenantBook(newMemoryEngine().documents)
  await book.add('acme', {})
  await book.remove('acme')
  assert.equal(book.get('acme'), undefined)
  await assert.rejects(book.change('acme', {}), { code: 'ERR_UNKNOWN' })
})

test('what the store has and cannot be read is an error, not a tenant less', () => {
  const book = new TenantBook(newMemoryEngine().documents)
  assert.throws(() => book.restore([{ key: 'acme', text: '{"settings":{}}', revision: 1 }]), {
    code: 'ERR_STORE',
  })
})
