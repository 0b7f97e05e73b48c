import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storeLines } from '../../../src/cli/store-lines.ts'

const TENANT = {
  tenant: 'acme',
  sessions: 1,
  subscriptions: 12,
  queuedMessages: 3,
  queuedBytes: 2048,
  retainedMessages: 0,
  retainedBytes: 0,
  wills: 1,
  kvKeys: 5,
  kvBytes: 10,
  documents: 2,
  blobBytes: 512,
  auditRecords: 7,
}

const REPORT = { folder: '/kept', format: 1, bytes: 4096, faults: [], tenants: [TENANT] }

test('a tenant has a line, and numbers stand below each other', () => {
  assert.deepEqual(
    storeLines({ ...REPORT, tenants: [TENANT, { ...TENANT, tenant: 'b', sessions: 12_345 }] }),
    [
      '/kept: 4.0 KiB, format 1, whole',
      'tenant  sessions  subscriptions       queued  retained  wills        kv    managed  audit',
      'acme           1             12  3 (2.0 KiB)   0 (0 B)      1  5 (10 B)  2 (512 B)      7',
      'b          12345             12  3 (2.0 KiB)   0 (0 B)      1  5 (10 B)  2 (512 B)      7',
    ],
  )
})

test('an empty store is no table', () => {
  assert.deepEqual(storeLines({ ...REPORT, tenants: [] }), [
    '/kept: 4.0 KiB, format 1, whole',
    'nothing is kept',
  ])
})

test('what is wrong comes first, and what to do about it', () => {
  const [first, fault] = storeLines({ ...REPORT, faults: ['row 1 missing\u0007'] })
  assert.match(first ?? '', /not whole: restore a backup, or keep the folder for whoever mends it/)
  assert.equal(fault, '  row 1 missing\\u0007')
})
