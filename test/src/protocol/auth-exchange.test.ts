import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AUTH_DATA_BYTES, AUTH_STEPS } from '../../../src/base/limits.ts'
import type { AuthenticateText } from '../../../src/hooks/authentication.ts'
import type { Verdict } from '../../../src/hooks/verdict.ts'
import { AuthExchange } from '../../../src/protocol/auth-exchange.ts'
import { FakePlugin } from '../../support/fake-plugins.ts'
import { eventOf, OnlinePeer, plainEvent } from '../../support/online-peer.ts'

class TestExchange extends AuthExchange {
  readonly codes: unknown[] = []
  /** Whose turn it is, one letter a change: plugins or client. */
  turns = ''

  protected override get isCurrent(): boolean {
    return true
  }

  protected override asking(): void {
    this.turns += 'p'
  }

  protected override waiting(): void {
    this.turns += 'c'
  }

  protected override finish(verdict: Verdict): void {
    this.codes.push('code' in verdict ? verdict.code : verdict.verdict)
  }
}

async function begun(
  event: AuthenticateText,
  ...plugins: readonly FakePlugin[]
): Promise<{ readonly online: OnlinePeer; readonly exchange: TestExchange }> {
  const online = await OnlinePeer.open(...plugins)
  const { tenant } = online.staged
  const occasion = { cause: 'connect', voters: tenant.hooks.authenticate, client: null } as const
  return { online, exchange: new TestExchange(online.peer, tenant, event, occasion) }
}

const STEP = { reasonCode: 0x18, userProperties: [], authenticationMethod: 'M' }

test('plugins and the client take turns, and each step brings its own data', async () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  const { online, exchange } = await begun(eventOf(), plugin)
  exchange.begin(Buffer.from('first'))
  plugin.question(0).answer({ verdict: 'continue', data: Buffer.from('riddle') })
  assert.deepEqual(online.written(), [['auth', 0x18]])
  exchange.answer({ ...STEP, authenticationData: Buffer.from('second') })
  plugin.question(1).answer({ verdict: 'allow' })
  const steps = plugin.asked.map(({ event }) => [event['step'], atob(String(event['authData64']))])
  assert.deepEqual(steps, [
    [0, 'first'],
    [1, 'second'],
  ])
  assert.deepEqual([exchange.turns, exchange.codes], ['pcp', ['allow']])
})

test('the time that plugins take is not counted against the client', async () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  const { online, exchange } = await begun(eventOf(), plugin)
  exchange.begin(undefined)
  online.wait(60_000)
  plugin.question(0).answer({ verdict: 'continue' })
  exchange.answer(STEP)
  online.wait(60_000)
  plugin.question(1).answer({ verdict: 'allow' })
  assert.deepEqual(exchange.codes, ['allow'])
})

test("the client's answers together take as long as a CONNECT may, and then it has failed", async (t) => {
  const plugin = new FakePlugin('one', ['authenticate'])
  plugin.reply = { verdict: 'continue' }
  const { online, exchange } = await begun(eventOf(), plugin)
  const startedAt = performance.now()
  t.mock.method(performance, 'now', () => startedAt + online.staged.node.nowMs)
  exchange.begin(undefined)
  online.wait(7000)
  exchange.answer(STEP)
  online.wait(2000)
  assert.deepEqual(exchange.codes, [])
  online.wait(2000)
  assert.deepEqual(exchange.codes, [0x87])
})

test('nothing of it is left when it ends before its time', async () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  plugin.reply = { verdict: 'continue' }
  const { online, exchange } = await begun(eventOf(), plugin)
  exchange.begin(undefined)
  assert.equal(online.staged.node.timers.size, 1)
  exchange.end()
  assert.equal(online.staged.node.timers.size, 0)
})

test('it has as many steps as are allowed, and no more', async () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  plugin.reply = { verdict: 'continue' }
  const { exchange } = await begun(eventOf(), plugin)
  exchange.begin(undefined)
  while (exchange.codes.length === 0) exchange.answer(STEP)
  assert.deepEqual([plugin.asked.length, exchange.codes], [AUTH_STEPS, [0x87]])
})

test('[MQTT-4.12.0-6] without a method nobody can go on', async () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  const { online, exchange } = await begun(plainEvent(), plugin)
  exchange.begin(undefined)
  plugin.question(0).answer({ verdict: 'continue' })
  assert.deepEqual([exchange.codes, online.written()], [[0x87], []])
})

test('[MQTT-4.12.0-1] a method that nobody is there to judge is refused', async () => {
  const { exchange } = await begun(eventOf())
  exchange.begin(undefined)
  assert.deepEqual(exchange.codes, [0x8c])
})

test('[MQTT-3.1.2-24] a step that is larger than the client takes is not sent: nobody can go on', async () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  const { online, exchange } = await begun(eventOf(), plugin)
  online.peer.maximumPacketSize = 20
  exchange.begin(undefined)
  plugin.question(0).answer({ verdict: 'continue', data: Buffer.alloc(20) })
  assert.deepEqual([exchange.turns, exchange.codes, online.written()], ['p', [0x95], []])
})

test('more data than a packet may bring reaches no plugin', async () => {
  const plugin = new FakePlugin('one', ['authenticate'])
  const { exchange } = await begun(eventOf(), plugin)
  exchange.begin(Buffer.alloc(AUTH_DATA_BYTES + 1))
  assert.deepEqual([plugin.asked.length, exchange.codes], [0, [0x95]])
})
