import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryAudit } from '../../../../src/engine/memory/memory-audit.ts'

const WHAT = {
  plugin: 'gate',
  digest: '',
  event: 'fault',
  where: 'load',
  outcome: 'threw',
  count: 1,
} as const

function filled(bound: number, tenants: readonly string[]): MemoryAudit {
  const audit = new MemoryAudit(bound)
  for (const [at, tenant] of tenants.entries()) audit.append({ at, tenant, ...WHAT, detail: '' })
  return audit
}

async function places(audit: MemoryAudit, tenant?: string): Promise<readonly number[]> {
  return (await audit.read({ tenant })).map(({ at }) => at)
}

test('past the bound the oldest record goes', async () => {
  assert.deepEqual(await places(filled(3, ['acme', 'acme', 'acme', 'acme', 'acme'])), [2, 3, 4])
})

test('a tenant that floods writes out its own records, not those of its neighbours', async () => {
  const audit = filled(4, ['quiet', ...new Array<string>(50).fill('loud'), 'quiet'])
  assert.deepEqual(await places(audit, 'quiet'), [0, 51])
  assert.deepEqual(await places(audit, 'loud'), [49, 50])
})

test('however many tenants there are, the bound holds, and who comes last is not turned away', async () => {
  const tenants = Array.from({ length: 100 }, (_, number) => `tenant ${number}`)
  const audit = filled(10, tenants)
  assert.equal((await places(audit)).length, 10)
  assert.deepEqual(await places(audit, 'tenant 99'), [99])
})
