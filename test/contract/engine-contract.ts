import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Engine, Ticket, Unheard, Unrouted } from '../../src/engine/engine.ts'
import { auditRecord } from './audit-contract.ts'

const UNHEARD: Unheard = -1
const UNROUTED: Unrouted = -2

/** What stands for a message: engines must not look into it. */
export interface ContractMessage {
  readonly topic: string
  readonly text: string
}

/** What stands for a session. */
export interface ContractSession {
  readonly text: string
}

export type ContractEngine = Engine<ContractMessage, ContractSession>

/** An engine at work, with what it said to its ports; every answer as a promise, since it may come later. */
class Bench {
  readonly engine: ContractEngine
  readonly routed: { readonly tenant: string; readonly text: string }[] = []
  /** Whether messages find subscribers. */
  isHeard = true
  /** Plugins that are slow to say who receives what: each has said it when it is called; null: none are. */
  deciding: (() => void)[] | null = null
  /** The tickets that were told later. */
  readonly late: Ticket[] = []
  #settled: Ticket = 0
  #waiting: (() => void)[] = []

  constructor(engine: ContractEngine) {
    this.engine = engine
  }

  static async open(context: TestContext, make: () => ContractEngine): Promise<Bench> {
    const bench = new Bench(make())
    await bench.engine.start({
      route: (tenant, { text }, routed) => {
        bench.#heard(() => bench.routed.push({ tenant, text }))
        if (bench.deciding === null) routed?.()
        else bench.deciding.push(() => routed?.())
        return bench.isHeard
      },
      settled: (upTo) => bench.#heard(() => bench.#settle(upTo)),
      tenants: () => undefined,
      restored: () => null,
      retained: () => undefined,
      troubled: (why) => assert.fail(`trouble: ${why}`),
      lost: (why) => assert.fail(`lost: ${why}`),
    })
    context.after(() => bench.engine.stop())
    return bench
  }

  publish(tenant: string, text: string): Ticket {
    return this.engine.publish(tenant, { topic: 't', text }, (ticket) =>
      this.#heard(() => this.late.push(ticket)),
    )
  }

  set(tenant: string, topic: string, text: string): Promise<void> {
    return this.settled(this.engine.retained.set(tenant, topic, { topic, text }))
  }

  clear(tenant: string, topic: string): Promise<void> {
    return this.settled(this.engine.retained.clear(tenant, topic))
  }

  match(tenant: string, filter: string, most = Number.POSITIVE_INFINITY): Promise<readonly string[]> {
    return new Promise((resolve) => {
      const texts: string[] = []
      this.engine.retained.match(tenant, filter, {
        retained: ({ text }) => texts.push(text) < most,
        done: () => resolve(texts.sort()),
      })
    })
  }

  open(tenant: string, clientId: string, fresh = false): Promise<{ epoch: number; text: string | null }> {
    return new Promise((resolve) => {
      const opened = (epoch: number, stored: ContractSession | null): void =>
        resolve({ epoch, text: stored?.text ?? null })
      this.engine.sessions.open(tenant, clientId, fresh, { opened })
    })
  }

  /** Saves, for ever if nothing is said. */
  save(clientId: string, epoch: number, text: string, expiresAt = Number.POSITIVE_INFINITY): boolean {
    return this.engine.sessions.save('acme', clientId, epoch, { text }, expiresAt)
  }

  async settled(ticket: Ticket): Promise<void> {
    await this.until(() => ticket <= this.#settled)
  }

  /** Resolves when the condition holds; it is looked at whenever the engine has said something. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #settle(upTo: Ticket): void {
    assert.ok(upTo > this.#settled, 'settling goes in order, and never back')
    this.#settled = upTo
  }

  #heard(note: () => void): void {
    note()
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** What every engine promises. One suite for all: whoever writes another engine calls this with it. */
export function engineContract(name: string, make: () => ContractEngine): void {
  publishContract(name, make)
  retainedContract(name, make)
  sessionsContract(name, make)
  fencingContract(name, make)
  forgetContract(name, make)
}

function publishContract(name: string, make: () => ContractEngine): void {
  test(`${name}: messages come back once, under their tenant, in their order`, async (context) => {
    const bench = await Bench.open(context, make)
    const expected = ['acme', 'globex', 'acme'].map((tenant, place) => ({ tenant, text: `${place}` }))
    for (const { tenant, text } of expected) bench.publish(tenant, text)
    await bench.until(() => bench.routed.length >= expected.length)
    assert.deepEqual(bench.routed, expected)
  })

  test(`${name}: tickets do not go down, and each is settled (0: it was already)`, async (context) => {
    const bench = await Bench.open(context, make)
    const tickets = ['1', '2', '3'].map((text) => bench.publish('acme', text))
    const open = tickets.filter((ticket) => ticket !== 0)
    assert.deepEqual(open, open.toSorted(ascending))
    for (const ticket of tickets) await bench.settled(ticket)
  })

  test(`${name}: while it is not known who receives a message, others are settled all the same`, async (context) => {
    const bench = await Bench.open(context, make)
    bench.deciding = []
    const slow = bench.publish('acme', 'slow')
    const [decided] = bench.deciding
    bench.deciding = null
    await bench.settled(bench.publish('acme', 'beside'))
    await bench.set('globex', 'r', 'beside')
    assert.deepEqual(bench.late, [])
    decided?.()
    // one that waits for nobody has said so at once
    if (slow !== UNROUTED) return assert.equal(slow, 0)
    assert.equal(bench.late.length, 1)
    await bench.settled(bench.late[0] ?? Number.NaN)
  })

  test(`${name}: a message is said to be unheard only if it was`, async (context) => {
    const bench = await Bench.open(context, make)
    assert.notEqual(bench.publish('acme', 'heard'), UNHEARD)
    bench.isHeard = false
    await bench.settled(bench.publish('acme', 'perhaps unheard'))
    bench.isHeard = true
    assert.notEqual(bench.publish('acme', 'heard again'), UNHEARD)
  })
}

function retainedContract(name: string, make: () => ContractEngine): void {
  test(`${name}: a topic has one retained message, the last that was set [MQTT-3.3.1-5]`, async (context) => {
    const bench = await Bench.open(context, make)
    await bench.set('acme', 'a/b', 'first')
    await bench.set('acme', 'a/b', 'second')
    assert.deepEqual(await bench.match('acme', 'a/b'), ['second'])
    assert.equal(bench.engine.retained.count('acme'), 1)
  })

  test(`${name}: a filter finds every retained message that it matches, each once`, async (context) => {
    const bench = await Bench.open(context, make)
    for (const topic of ['a', 'a/b', 'a/c', 'b/c', '$SYS/x']) await bench.set('acme', topic, topic)
    assert.deepEqual(await bench.match('acme', 'a/#'), ['a', 'a/b', 'a/c'])
    assert.deepEqual(await bench.match('acme', '+/c'), ['a/c', 'b/c'])
    assert.deepEqual(await bench.match('acme', '#'), ['a', 'a/b', 'a/c', 'b/c'])
    assert.deepEqual(await bench.match('acme', 'nothing'), [])
    assert.equal((await bench.match('acme', 'a/#', 2)).length, 2, 'and stops when it has enough')
  })

  test(`${name}: a cleared topic has no retained message [MQTT-3.3.1-6]`, async (context) => {
    const bench = await Bench.open(context, make)
    await bench.set('acme', 'a', 'gone')
    await bench.set('acme', 'b', 'kept')
    await bench.clear('acme', 'a')
    await bench.clear('acme', 'never set')
    assert.deepEqual(await bench.match('acme', '#'), ['kept'])
    assert.equal(bench.engine.retained.count('acme'), 1)
  })

  test(`${name}: no tenant sees or clears another's retained messages`, async (context) => {
    const bench = await Bench.open(context, make)
    await bench.set('acme', 'a', 'of acme')
    await bench.clear('globex', 'a')
    assert.deepEqual(await bench.match('globex', '#'), [])
    assert.equal(bench.engine.retained.count('globex'), 0)
    assert.deepEqual(await bench.match('acme', '#'), ['of acme'])
  })
}

function sessionsContract(name: string, make: () => ContractEngine): void {
  test(`${name}: a saved session is there when its client is back [MQTT-3.1.2-5]`, async (context) => {
    const bench = await Bench.open(context, make)
    const first = await bench.open('acme', 'ann')
    assert.equal(first.text, null)
    assert.equal(bench.save('ann', first.epoch, 'saved'), true)
    assert.equal((await bench.open('acme', 'ann')).text, 'saved')
    assert.equal(bench.engine.sessions.count('acme'), 1)
  })

  test(`${name}: a fresh start drops what was stored, for good [MQTT-3.1.2-4]`, async (context) => {
    const bench = await Bench.open(context, make)
    bench.save('ann', (await bench.open('acme', 'ann')).epoch, 'saved')
    assert.equal((await bench.open('acme', 'ann', true)).text, null)
    assert.equal((await bench.open('acme', 'ann')).text, null)
  })

  test(`${name}: a session is not returned once its time has passed [MQTT-4.1.0-2]`, async (context) => {
    const bench = await Bench.open(context, make)
    bench.save('ann', (await bench.open('acme', 'ann')).epoch, 'late', Date.now() - 1)
    assert.equal((await bench.open('acme', 'ann')).text, null)
    bench.save('bob', (await bench.open('acme', 'bob')).epoch, 'in time', Date.now() + 3_600_000)
    assert.equal((await bench.open('acme', 'bob')).text, 'in time')
  })

  test(`${name}: a session whose client is back does not expire while it is there`, async (context) => {
    const bench = await Bench.open(context, make)
    const expiresAt = Date.now() + 3_600_000
    bench.save('ann', (await bench.open('acme', 'ann')).epoch, 'saved', expiresAt)
    await bench.open('acme', 'ann')
    context.mock.timers.enable({ apis: ['Date'], now: expiresAt + 1 })
    assert.equal((await bench.open('acme', 'ann')).text, 'saved')
  })

  test(`${name}: a removed session is gone`, async (context) => {
    const bench = await Bench.open(context, make)
    const { epoch } = await bench.open('acme', 'ann')
    bench.save('ann', epoch, 'saved')
    assert.equal(bench.engine.sessions.remove('acme', 'ann', epoch), true)
    assert.equal(bench.engine.sessions.count('acme'), 0)
    assert.equal((await bench.open('acme', 'ann')).text, null)
  })

  test(`${name}: equal client identifiers of two tenants are two sessions`, async (context) => {
    const bench = await Bench.open(context, make)
    bench.save('ann', (await bench.open('acme', 'ann')).epoch, 'of acme')
    const other = await bench.open('globex', 'ann')
    assert.equal(other.text, null)
    assert.equal(bench.engine.sessions.remove('globex', 'ann', other.epoch), true)
    assert.equal((await bench.open('acme', 'ann')).text, 'of acme')
  })
}

function forgetContract(name: string, make: () => ContractEngine): void {
  test(`${name}: of a tenant that is forgotten nothing is left but its audit, and others keep all`, async (context) => {
    const bench = await Bench.open(context, make)
    const { engine } = bench
    const quota = { pluginBytes: 100, tenantBytes: 100 }
    const digests: (string | null)[] = []
    for (const tenant of ['acme', 'globex']) {
      await bench.set(tenant, 'a/b', 'kept')
      const { epoch } = await bench.open(tenant, 'ann')
      engine.sessions.save(tenant, 'ann', epoch, { text: 'kept' }, Number.POSITIVE_INFINITY)
      await engine.kv.set(tenant, 'gate', 'k', 'kept', undefined, quota)
      await engine.documents.change([{ tenant, kind: 'version', key: '1', text: 'kept' }])
      digests.push(await engine.blobs.put(tenant, Buffer.from('kept'), 100))
      engine.audit.append(auditRecord(tenant, 1))
    }
    await engine.forget('acme')
    const left = async (tenant: string) => [
      ...(await bench.match(tenant, '#')),
      (await bench.open(tenant, 'ann')).text,
      (await engine.kv.get(tenant, 'gate', 'k'))?.value,
      (await engine.documents.get(tenant, 'version', '1'))?.text,
      (await engine.blobs.get(tenant, digests[0] ?? ''))?.length,
      (await engine.audit.read({ tenant })).length,
    ]
    assert.deepEqual(await left('acme'), [null, undefined, undefined, undefined, 1])
    assert.deepEqual(await left('globex'), ['kept', 'kept', 'kept', 'kept', 4, 1])
  })
}

function fencingContract(name: string, make: () => ContractEngine): void {
  test(`${name}: whoever opened a session last owns it; an earlier owner writes nothing`, async (context) => {
    const bench = await Bench.open(context, make)
    const earlier = await bench.open('acme', 'ann')
    bench.save('ann', earlier.epoch, 'before')
    const owner = await bench.open('acme', 'ann')
    assert.ok(owner.epoch > earlier.epoch)
    assert.equal(bench.save('ann', earlier.epoch, 'forged'), false)
    assert.equal(bench.engine.sessions.remove('acme', 'ann', earlier.epoch), false)
    assert.equal(bench.save('ann', owner.epoch, 'after'), true)
    assert.equal((await bench.open('acme', 'ann')).text, 'after')
  })

  test(`${name}: an epoch is never given twice, not even after its session was removed`, async (context) => {
    const bench = await Bench.open(context, make)
    const epochs: number[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      const { epoch } = await bench.open('acme', 'ann')
      epochs.push(epoch)
      bench.engine.sessions.remove('acme', 'ann', epoch)
    }
    assert.deepEqual(epochs, [...new Set(epochs)].sort(ascending))
  })

  test(`${name}: nobody saves or removes a session that was never opened`, async (context) => {
    const bench = await Bench.open(context, make)
    assert.equal(bench.save('ann', 1, 'forged'), false)
    assert.equal(bench.engine.sessions.remove('acme', 'ann', 1), false)
    assert.equal(bench.engine.sessions.count('acme'), 0)
  })
}

function ascending(one: number, other: number): number {
  return one - other
}
