import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { CostlyQueue } from '../../../../sandbox/host/capabilities/crypto-queue.ts'
import { COSTLY_AT_ONCE, COSTLY_PER_TENANT, COSTLY_WAITING_PER_TENANT } from '../../../../sandbox/limits.ts'

const { signal } = new AbortController()

/** Work that ends when the test says so. */
class Workshop {
  readonly queue = new CostlyQueue()
  readonly started: string[] = []
  readonly #ends = new Map<string, PromiseWithResolvers<string>>()

  order(name: string, own: AbortSignal = signal): Promise<string> {
    const end = Promise.withResolvers<string>()
    this.#ends.set(name, end)
    return this.queue.run(name.charAt(0), own, () => {
      this.started.push(name)
      return end.promise
    })
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.resolve(name)
    await new Promise(setImmediate)
  }
}

describe('costly work', () => {
  it('takes turns among tenants, however much one of them wants', async () => {
    const shop = new Workshop()
    const done = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((name) => shop.order(name))
    await new Promise(setImmediate)
    assert.deepEqual(shop.started, ['a1', 'b1'])
    await shop.end('a1')
    assert.deepEqual(shop.started, ['a1', 'b1', 'c1'])
    for (const name of ['c1', 'b1', 'a2', 'b2', 'a3']) await shop.end(name)
    assert.deepEqual(shop.started, ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
    assert.deepEqual(await Promise.all(done), ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'])
  })

  it('that nobody waits for never begins; what has begun keeps its place', async () => {
    const shop = new Workshop()
    const gone = new AbortController()
    const [a1, a2] = [shop.order('a1', gone.signal), shop.order('a2', gone.signal)]
    const a3 = shop.order('a3')
    gone.abort()
    await assert.rejects(a2, { code: 'unavailable' })
    await assert.rejects(shop.order('a4', gone.signal), { code: 'unavailable' })
    assert.deepEqual(shop.started, ['a1'])
    await shop.end('a1')
    assert.deepEqual([await a1, shop.started], ['a1', ['a1', 'a3']])
    await shop.end('a3')
    assert.equal(await a3, 'a3')
  })

  it('waits in a line of bounded length, which is free again afterwards', async () => {
    const shop = new Workshop()
    const first = shop.order('a')
    const waiting = Array.from({ length: COSTLY_WAITING_PER_TENANT }, (_, index) => shop.order(`a${index}`))
    await assert.rejects(shop.order('a-late'), {
      code: 'limit',
      message: 'too many password checks are waiting',
    })
    const other = shop.order('b')
    await shop.end('b')
    assert.equal(await other, 'b')
    await shop.end('a')
    await first
    for (let index = 0; index < waiting.length; index += 1) await shop.end(`a${index}`)
    await Promise.all(waiting)
    void shop.order('a-again')
    await new Promise(setImmediate)
    assert.equal(shop.started.at(-1), 'a-again')
  })
})

describe('the queue of costly work', () => {
  it('never runs more at once than it may, whoever orders, fails or leaves', async () => {
    const job = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      fails: fc.boolean(),
      leaves: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 40 }), async (jobs) => {
        const queue = new CostlyQueue()
        const running = new Map<string, number>()
        const ends = jobs.map(({ tenant, fails, leaves }) => {
          const own = new AbortController()
          const end = queue.run(tenant, own.signal, async () => {
            running.set(tenant, (running.get(tenant) ?? 0) + 1)
            assert.ok((running.get(tenant) ?? 0) <= COSTLY_PER_TENANT)
            assert.ok([...running.values()].reduce((sum, each) => sum + each, 0) <= COSTLY_AT_ONCE)
            await new Promise(setImmediate)
            running.set(tenant, (running.get(tenant) ?? 0) - 1)
            if (fails) throw new Error('failed')
          })
          if (leaves) own.abort()
          return end.catch((error: unknown) => {
            assert.ok(['failed', 'nobody waits for the answer any more'].includes((error as Error).message))
          })
        })
        await Promise.all(ends)
        assert.equal(await queue.run('a', signal, () => Promise.resolve('free')), 'free')
      }),
      { numRuns: 50 },
    )
  })
})
