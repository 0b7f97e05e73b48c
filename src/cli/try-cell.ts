import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_LIMITS, type Outcome, type PluginHost, residentMiB } from '../../sandbox/index.ts'
import { BulkheadError } from '../base/errors.ts'

/** How a real cell did. */
export interface TriedCell {
  /** From the first question, which starts the cell, to its answer. */
  readonly firstVerdictMs: number
  /** From a question to its answer once the cell is there. */
  readonly verdictMs: number
  /** All of it, its wrappers included; undefined where the system does not tell. */
  readonly residentMiB: number | undefined
}

const PLUGIN = `import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ name: 'doctor', version: '1.0.0', authenticate: () => allow() })
`

/**
 * Builds a plugin, opens a tenant with it, and asks it two questions.
 *
 * @throws BulkheadError ERR_CELL or ERR_PLUGIN_* when it does not answer.
 */
export async function tryCell(host: PluginHost): Promise<TriedCell> {
  const path = await mkdtemp(join(tmpdir(), 'bulkhead-doctor-'))
  try {
    await writeFile(join(path, 'plugin.ts'), PLUGIN)
    const source = { name: 'doctor', path, options: {}, allow: {} }
    const plugin = await host.prepare(source, DEFAULT_LIMITS)
    const spec = { tenant: 'doctor', plugins: [plugin], limits: DEFAULT_LIMITS, jit: false }
    const tenant = host.openTenant(spec)
    const ask = async (): Promise<number> => {
      const askedAt = performance.now()
      const { promise, resolve } = Promise.withResolvers<Outcome>()
      const asker = { answered: (_slot: number, outcome: Outcome) => resolve(outcome) }
      tenant.plugins[0]?.ask('authenticate', null, '{}', asker, 0)
      const outcome = await promise
      if (outcome !== 'ok') throw new BulkheadError('ERR_CELL', `its first question ends with ${outcome}`)
      return performance.now() - askedAt
    }
    const firstVerdictMs = await ask()
    const verdictMs = await ask()
    const { pid } = tenant
    return { firstVerdictMs, verdictMs, residentMiB: pid === undefined ? undefined : residentMiB(pid) }
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}
