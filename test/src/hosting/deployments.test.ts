import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { DEPLOYMENTS_KEPT } from '../../../src/base/limits.ts'
import { type Deployment, Deployments, lastGood } from '../../../src/hosting/deployments.ts'
import { newMemoryEngine } from '../../support/memory-engine.ts'

const version = (n: number): Deployment => ({ digest: String(n % 10).repeat(64), config: { n } })
const newDeployments = (): Deployments => new Deployments(newMemoryEngine().documents)

describe('deployments', () => {
  it('what serves, serves until something else does', async () => {
    const deployments = newDeployments()
    await deployments.serve('acme', 'gate', version(1))
    await deployments.propose('acme', 'gate', { ...version(2), state: 'shadow' })
    const state = await deployments.get('acme', 'gate')
    assert.deepEqual([state?.serving?.config, state?.candidate?.config], [{ n: 1 }, { n: 2 }])
    const next = await deployments.serve('acme', 'gate', version(2))
    assert.deepEqual(
      [next.serving?.config, next.candidate, next.before.map(({ config }) => config)],
      [{ n: 2 }, null, [{ n: 1 }]],
    )
  })

  it('what was taken back is not what the next rollback lets serve', async () => {
    const deployments = newDeployments()
    for (const n of [1, 2, 3]) await deployments.serve('acme', 'gate', version(n))
    const once = await deployments.rollBack('acme', 'gate', 'it failed')
    assert.deepEqual([once.serving?.config, once.before.at(-1)?.takenBack], [{ n: 2 }, 'it failed'])
    const twice = await deployments.rollBack('acme', 'gate', '')
    assert.deepEqual(twice.serving?.config, { n: 1 })
    await assert.rejects(deployments.rollBack('acme', 'gate', ''), { code: 'ERR_DEPLOYMENT' })
  })

  it('are each tenant’s own, whatever the names', async () => {
    const deployments = newDeployments()
    await deployments.serve('a', 'b/c', version(1))
    await deployments.serve('a/b', 'c', version(2))
    assert.deepEqual(
      (await deployments.list('a')).map(({ plugin }) => plugin),
      ['b/c'],
    )
    assert.equal((await deployments.get('a/b', 'c'))?.serving?.config['n'], 2)
  })

  it('no sequence of steps leaves a plugin without what served, or keeps more than it may', async () => {
    const step = fc.oneof(
      fc.nat(9).map((n) => (all: Deployments) => all.serve('t', 'p', version(n))),
      fc.constant((all: Deployments) => all.rollBack('t', 'p', 'why')),
      fc.nat(9).map((n) => (all: Deployments) => all.propose('t', 'p', { ...version(n), state: 'shadow' })),
      fc.constant((all: Deployments) => all.propose('t', 'p', null)),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const deployments = newDeployments()
        await deployments.serve('t', 'p', version(0))
        for (const each of steps) {
          const before = await deployments.get('t', 'p')
          const after = await each(deployments).catch(() => undefined)
          const state = await deployments.get('t', 'p')
          assert.ok(state !== undefined && state.serving !== null)
          assert.equal(state.serving.takenBack, '')
          assert.ok(state.before.length <= DEPLOYMENTS_KEPT)
          // what was refused has changed nothing
          if (after === undefined) assert.deepEqual([state, lastGood(state.before)], [before, undefined])
        }
      }),
      { numRuns: 60 },
    )
  })
})
