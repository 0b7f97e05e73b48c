import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { TAIL } from '../../../src/base/limits.ts'
import { brokerLog } from '../../../src/observe/broker-log.ts'
import { LogTails, type Tail, tailedLog } from '../../../src/observe/log-tail.ts'

const line = (n: number) => () => ({ event: 'log' as const, plugin: 'gate', n })

/** A listener that has been answered. */
async function listening(tails: LogTails, tenant = 'acme'): Promise<Tail> {
  const tail = tails.open(tenant)
  assert.ok(tail !== null)
  assert.equal((await tail.next()).value, ': listening\n\n')
  return tail
}

async function heard(tail: Tail): Promise<{ event: string; data: Record<string, unknown> }> {
  const text = String((await tail.next()).value)
  const [, event = '', data = '{}'] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text) ?? []
  return { event, data: JSON.parse(data) as Record<string, unknown> }
}

describe('whoever listens to a tenant', () => {
  it('hears of it, in order, and of no other', async () => {
    const tails = new LogTails()
    const [one, other] = [await listening(tails), await listening(tails)]
    const waits = heard(one)
    tails.tell('zoo', () => assert.fail('nobody listens'))
    tails.tell(undefined, () => assert.fail('nobody listens'))
    tails.tell('acme', line(1))
    tails.tell('acme', line(2))
    assert.deepEqual(
      [(await waits).data['n'], (await heard(one)).data['n'], (await heard(other)).data['n']],
      [1, 2, 1],
    )
  })

  it('loses lines if it is too slow, and is told how many', async () => {
    const tails = new LogTails()
    const tail = await listening(tails)
    for (let n = 0; n < TAIL.lines + 7; n += 1) tails.tell('acme', line(n))
    for (let n = 0; n < TAIL.lines; n += 1) assert.equal((await heard(tail)).data['n'], n)
    const { event, data } = await heard(tail)
    assert.deepEqual([event, data['lines']], ['lost', 7])
  })

  it('is told now and then that the line holds', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const tail = await listening(new LogTails())
    const next = tail.next()
    t.mock.timers.tick(TAIL.quietMs)
    assert.equal((await next).value, ': nothing yet\n\n')
  })

  it('is one of so many; who leaves, even while it waits, makes room', async () => {
    const tails = new LogTails()
    const all = []
    for (let n = 0; n < TAIL.listeners; n += 1) all.push(await listening(tails))
    assert.equal(tails.open('acme'), null)
    await listening(tails, 'zoo')
    const waits = all[0]?.next()
    await all[0]?.return()
    assert.equal((await waits)?.done, true)
    await listening(tails)
  })
})

test('what is about plugins and clients of a tenant is heard, printable, and logged as before', async () => {
  let written = 0
  const tails = new LogTails()
  const write = (): void => void (written += 1)
  const log = tailedLog(brokerLog({ write, written: () => Promise.resolve() }), tails)
  const tail = await listening(tails)
  log.pluginLog('acme', 'gate', 'info', 'hi\u001B[2J', { n: 1 })
  log.pluginFaulted('acme', 'gate', 'authenticate', 'threw', 'oops')
  log.pluginState('acme', 'gate', 'active', '')
  const who = { client: 'ann', remoteAddress: '127.0.0.1', action: 'publish', reasonCode: 0x87 }
  log.refused({ realm: 'acme', ...who, detail: 'no', decision: 'k-1' })
  log.refused({ realm: undefined, ...who, detail: 'no', decision: undefined })
  log.deployed('acme', 'gate', '1.0.0', 'abc', 'deployed')
  const events = []
  for (let n = 0; n < 5; n += 1) events.push(await heard(tail))
  assert.deepEqual(
    events.map(({ event }) => event),
    ['log', 'fault', 'state', 'refused', 'deployed'],
  )
  assert.equal(events[0]?.data['text'], 'hi\\u001b[2J')
  assert.equal(written, 6)
})
