import assert from 'node:assert/strict'
import { it } from 'node:test'
import { DEFAULT_LIMITS, LIMITS_MOST } from '../../../sandbox/index.ts'
import { limitsSchema } from '../../../src/config/limits-schema.ts'
import { ConfigFolder } from './config-folder.ts'

const folder = new ConfigFolder()

interface Limit {
  readonly minimum: number
  readonly maximum: number
  readonly default?: number
}

it('every limit of the sandbox can be set, and its default lies within what can be set', () => {
  const properties = limitsSchema('', true)['properties'] as Record<string, Limit>
  assert.deepEqual(Object.keys(properties).toSorted(), Object.keys(DEFAULT_LIMITS).toSorted())
  for (const [name, { minimum, maximum, default: byDefault }] of Object.entries(properties)) {
    if (name === 'waitMs') continue
    const own = DEFAULT_LIMITS[name as keyof typeof DEFAULT_LIMITS] as number
    // that of the share depends on the tenant, and is filled in with it
    assert.equal(byDefault, name === 'cpuShare' ? undefined : own)
    assert.ok(minimum <= own && own <= maximum, name)
  }
})

it('what could not cross as a whole is refused at start, and the error names both numbers', async () => {
  for (const [name, most] of Object.entries(LIMITS_MOST)) {
    const mistakes = await folder.mistakes(`sandbox: { limits: { ${name}: ${most + 1} } }`)
    assert.match(mistakes.join(' '), new RegExp(`${name}: .* to ${most}, got ${most + 1}`))
  }
})

it("a tenant's limits have no defaults: what it leaves out is the operator's", () => {
  assert.doesNotMatch(JSON.stringify(limitsSchema('', false)), /"default"/)
})
