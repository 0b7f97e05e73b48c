import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { SessionLog, StoredSession, Ticket } from '../../../../src/engine/engine.ts'
import type { SqliteEngine } from '../../../../src/engine/sqlite/sqlite-engine.ts'
import { looked, stuckDisk } from '../../../support/recorded-store.ts'
import { dataFolder, newSqliteEngine } from '../../../support/sqlite-engine.ts'

interface Message {
  readonly text: string
}

type Engine = SqliteEngine<Message, object>

/** An engine at work over a folder, and what it said. */
class Bench {
  readonly folder: string
  readonly engine: Engine
  readonly restored: StoredSession<Message>[] = []
  readonly troubles: (string | null)[] = []
  /** Whether restored sessions are wanted. */
  isWanted = true
  route: (message: Message, done: (() => void) | null) => boolean = (_message, done) => (done?.(), false)
  settled: Ticket = 0
  #waiting: (() => void)[] = []

  constructor(folder: string) {
    this.folder = folder
    this.engine = newSqliteEngine<Message, object>(folder)
  }

  async start(context: TestContext): Promise<this> {
    await this.engine.start({
      route: (_tenant, message, done) => this.route(message, done),
      settled: (upTo) => this.#heard(() => (this.settled = upTo)),
      retained: () => undefined,
      tenants: () => undefined,
      restored: (stored) => (this.restored.push(stored), this.isWanted ? { of: stored.clientId } : null),
      troubled: (why) => this.#heard(() => this.troubles.push(why)),
      lost: (why) => this.#heard(() => this.troubles.push(why)),
    })
    context.after(() => this.engine.stop())
    return this
  }

  open(clientId: string, fresh = false): { epoch: number; session: object | null; log: SessionLog<Message> } {
    let found: { epoch: number; session: object | null; log: SessionLog<Message> } | undefined
    this.engine.sessions.open('acme', clientId, fresh, {
      opened: (epoch, session, log) => {
        assert.ok(log)
        found = { epoch, session, log }
      },
    })
    assert.ok(found)
    return found
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #heard(note: () => void): void {
    note()
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

const started = (context: TestContext, folder = dataFolder()) => new Bench(folder).start(context)

/** Nobody waits for it. */
const ignored = (): void => undefined

test('what an earlier process left comes back: sessions, what they are owed, retained messages', async (context) => {
  const earlier = await started(context)
  const { epoch, log } = earlier.open('ann')
  log.describe('about ann')
  log.subscribed('a/#', 'how')
  for (let n = 1; n <= 130; n += 1) log.owed({ text: `${n}` }, `how ${n}`, n === 1 ? 7 : 0)
  log.changed(1, { text: 'one' }, 'changed')
  log.received(3)
  log.will({ text: 'gone' }, 'later')
  earlier.engine.sessions.save('acme', 'ann', epoch, {}, 12_345)
  earlier.open('of one connection')
  earlier.engine.retained.set('acme', 'r', { text: 'kept' })
  await earlier.engine.stop()

  const { engine, restored } = await started(context, earlier.folder)
  assert.equal(restored.length, 1)
  const [stored] = restored
  assert.ok(stored)
  const { owed, owedBytes, log: newLog, ...rest } = stored
  assert.deepEqual(rest, {
    tenant: 'acme',
    clientId: 'ann',
    epoch,
    about: 'about ann',
    expiresAt: 12_345,
    subscriptions: [['a/#', 'how']],
    owedCount: 130,
    received: [3],
    will: { message: { text: 'gone' }, how: 'later' },
  })
  assert.equal(owed.length, 1 + 100, 'what was sent, and the first of what waits')
  assert.deepEqual(owed[0], {
    place: 1,
    message: { text: '1' },
    form: { text: 'one' },
    how: 'changed',
    packetId: 7,
    released: 0,
  })
  assert.equal(owedBytes, 29 * JSON.stringify({ text: '101' }).length)
  const behind = await new Promise<readonly object[]>((resolve) => newLog.read(129, 5, resolve))
  assert.deepEqual(behind, [
    { place: 130, message: { text: '130' }, form: null, how: 'how 130', packetId: 0, released: 0 },
  ])
  assert.equal(newLog.owed({ text: 'next' }, '', 0), 131)
  assert.equal(engine.retained.count('acme'), 1)
})

test('a restored session is its owner’s, and the next owner’s epoch is higher', async (context) => {
  const earlier = await started(context)
  for (let turn = 0; turn < 5; turn += 1) earlier.open('ann').log.describe('')
  await earlier.engine.stop()
  const bench = await started(context, earlier.folder)
  const { epoch, session } = bench.open('ann')
  assert.deepEqual(session, { of: 'ann' })
  assert.ok(epoch > (bench.restored[0]?.epoch ?? Number.NaN))
  assert.equal(bench.engine.sessions.count('acme'), 1)
})

test('a session that nobody wants stays for who may want it later', async (context) => {
  const earlier = await started(context)
  earlier.open('ann').log.describe('kept')
  await earlier.engine.stop()
  const between = new Bench(earlier.folder)
  between.isWanted = false
  await between.start(context)
  between.open('bob').log.describe('of another')
  assert.equal(between.engine.sessions.count('acme'), 1)
  await between.engine.stop()
  const { restored } = await started(context, earlier.folder)
  assert.deepEqual(
    restored.map(({ about }) => about),
    ['kept', 'of another'],
  )
})

test('a fresh start, or the end of a session, is as lasting as the session was', async (context) => {
  const earlier = await started(context)
  earlier.open('ann').log.describe('first')
  earlier.open('ann', true).log.describe('second')
  const { epoch, log } = earlier.open('bob')
  log.describe('')
  earlier.engine.sessions.remove('acme', 'bob', epoch)
  await earlier.engine.stop()
  const { restored } = await started(context, earlier.folder)
  assert.deepEqual(
    restored.map(({ clientId, about }) => [clientId, about]),
    [['ann', 'second']],
  )
})

test('a message that nobody keeps never touches the disk', async (context) => {
  const bench = await started(context)
  assert.equal(bench.engine.publish('acme', { text: 'unheard' }, ignored), -1)
  bench.route = (_message, done) => (done?.(), true)
  assert.equal(bench.engine.publish('acme', { text: 'heard by who is here' }, ignored), 0)
})

test('a message that a session keeps is settled when it is on the disk', async (context) => {
  const bench = await started(context)
  const { log } = bench.open('ann')
  log.describe('')
  bench.route = (message, done) => {
    log.owed(message, '', 0)
    done?.()
    return true
  }
  const ticket = bench.engine.publish('acme', { text: 'kept' }, ignored)
  assert.ok(ticket > 0)
  assert.equal(bench.settled, 0)
  await bench.until(() => bench.settled >= ticket)
  assert.equal(looked(bench.folder, 'SELECT place FROM queue').length, 1)
})

test('while plugins are asked who receives a message its ticket is not known, and holds nobody else up', async (context) => {
  const bench = await started(context)
  const { log } = bench.open('ann')
  log.describe('')
  let decided = ignored
  bench.route = (message, done) => {
    decided = () => {
      log.owed(message, '', 0)
      done?.()
    }
    return true
  }
  const told: number[] = []
  assert.equal(
    bench.engine.publish('acme', { text: 'slow' }, (ticket) => told.push(ticket)),
    -2,
  )
  const ticket = bench.engine.retained.set('globex', 'r', { text: 'of another tenant' })
  await bench.until(() => bench.settled >= ticket)
  assert.deepEqual(told, [])
  decided()
  const [late = 0] = told
  assert.ok(late > ticket)
  await bench.until(() => bench.settled >= late)
})

test('while the disk takes nothing, nothing is settled, and the broker is told', async (context) => {
  const bench = await started(context)
  const release = stuckDisk(bench.folder)
  const ticket = bench.engine.retained.set('acme', 'r', { text: 'kept' })
  await bench.until(() => bench.troubles.length === 1)
  assert.equal(bench.settled, 0)
  release()
  await bench.until(() => bench.settled >= ticket)
  assert.deepEqual(bench.troubles.slice(1), [null])
})

test('an engine that is not started, or stopped, publishes nothing', async (context) => {
  const bench = new Bench(dataFolder())
  bench.route = () => assert.fail('nobody is there')
  assert.equal(bench.engine.publish('acme', { text: 'early' }, ignored), 0)
  await bench.start(context)
  await bench.engine.stop()
  assert.equal(bench.engine.publish('acme', { text: 'late' }, ignored), 0)
})
