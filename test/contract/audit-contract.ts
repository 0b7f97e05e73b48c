import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditRecord, AuditStore } from '../../src/engine/engine.ts'

export function auditRecord(tenant: string, at: number): AuditRecord {
  const what = { plugin: 'gate', digest: 'ab12', event: 'capability.denied', where: 'publish', outcome: '' }
  return { at, tenant, ...what, detail: 'outside the granted topics', count: 1 }
}

/** What every engine promises of the audit. */
export function auditContract(name: string, make: () => AuditStore | Promise<AuditStore>): void {
  test(`${name}: the audit is read in the order in which it was written, the newest last`, async () => {
    const audit = await make()
    const written = ['acme', 'globex', 'acme'].map(auditRecord)
    for (const each of written) audit.append(each)
    assert.deepEqual(await audit.read(), written)
    assert.deepEqual(await audit.read({ limit: 2 }), written.slice(1))
    assert.deepEqual(await audit.read({ limit: 0 }), [])
  })

  test(`${name}: who reads one tenant's audit reads nothing of another's`, async () => {
    const audit = await make()
    for (const [at, tenant] of ['acme', 'globex', 'acme'].entries()) audit.append(auditRecord(tenant, at))
    assert.deepEqual(await audit.read({ tenant: 'acme' }), [auditRecord('acme', 0), auditRecord('acme', 2)])
    assert.deepEqual(await audit.read({ tenant: 'acme', limit: 1 }), [auditRecord('acme', 2)])
    assert.deepEqual(await audit.read({ tenant: 'nobody' }), [])
  })
}
