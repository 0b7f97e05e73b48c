import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../sandbox/index.ts'
import { openHostile } from '../support/hostile-cell.ts'
import { PluginStage } from '../support/plugin-stage.ts'

/**
 * A plugin that broke out of its isolate is its cell: it says on the wire what it likes. It may answer for
 * its own tenant; it must not hold the broker up, fill it, or end it.
 */
const MOST_LAG_MS = 250
const MOST_GROWTH_BYTES = 64 * 2 ** 20
const BYSTANDER = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })`
const PATIENT = { softMs: 500, wallMs: 1000 } as const

const stage = await PluginStage.open()
test.after(() => stage[Symbol.asyncDispose]())
const bystander = await stage.tenant('bystander', await stage.prepare(BYSTANDER), PATIENT)

/** What a broken-out cell says to a question, and how the question may end. */
const LIES: readonly (readonly [what: string, lie: string, endings: readonly Outcome[]])[] = [
  [
    'another epoch',
    'lie = (asked) => answer({ ...asked, epoch: asked.epoch - 1 }, allows(asked))',
    ['crash'],
  ],
  [
    'an id that was not asked',
    'lie = (asked) => answer({ ...asked, id: asked.id + 1 }, allows(asked))',
    ['crash'],
  ],
  ['another plugin’s number', 'lie = (asked) => answer({ ...asked, instance: 2 }, allows(asked))', ['crash']],
  ['the isolate before', 'lie = (asked) => answer({ ...asked, generation: 0 }, allows(asked))', ['crash']],
  ['more answers than questions', "lie = (asked) => answer(asked, '[1,1]')", ['crash']],
  ['another number of answers', "lie = (asked) => answer({ ...asked, count: 2 }, '[1,1]')", ['crash']],
  ['a frame of four gigabytes', "lie = (asked) => answer(asked, '[1]', { length: 4294967295 })", ['crash']],
  ['bytes that are no UTF-8', 'lie = (asked) => answer(asked, Buffer.from([91, 0xff, 93]))', ['crash']],
  ['no JSON', "lie = (asked) => answer(asked, '[1')", ['crash']],
  ['lists in lists', "lie = (asked) => answer(asked, '['.repeat(2e5) + ']'.repeat(2e5))", ['crash']],
  [
    'objects in objects',
    "lie = (asked) => answer(asked, '[' + '{\"a\":'.repeat(1e5) + '1' + '}'.repeat(1e5) + ']')",
    ['bad-verdict'],
  ],
  [
    'a verdict of many keys',
    "lie = (asked) => answer(asked, JSON.stringify([Object.fromEntries(Array.from({ length: 1e5 }, (_, at) => ['k' + at, at]))]))",
    ['bad-verdict'],
  ],
  ['a prototype', 'lie = (asked) => answer(asked, \'[{"__proto__":{"verdict":"allow"}}]\')', ['bad-verdict']],
  ['words that are no answer', 'lie = (asked) => answer(asked, \'["ok:"]\')', ['bad-verdict']],
  ['a number that is no answer', "lie = (asked) => answer(asked, '[4]')", ['bad-verdict']],
  ['a number to wait under that is none', "lie = (asked) => answer(asked, '[[-1]]')", ['crash']],
  [
    'the end of what nobody waits for',
    'lie = (asked) => answer(asked, \'{"a":[1],"s":[7,1]}\')',
    ['ok', 'crash'],
  ],
  [
    'calls in the wrong order',
    'lie = (asked) => answer(asked, \'{"a":[1],"c":[[2,0,"log",1],[1,0,"log",1]]}\')',
    ['ok', 'crash'],
  ],
  [
    'calls without end',
    "lie = (asked) => answer(asked, JSON.stringify({ a: [1], c: Array.from({ length: 5e4 }, (_, at) => [at + 1, 0, 'kv', 1]) }))",
    ['ok', 'crash'],
  ],
  [
    'effects of powers it has not',
    'lie = (asked) => answer(asked, \'{"a":[1],"x":[[0,"publish",{"topic":"open"}],[1e9,"publish",1]]}\')',
    ['ok'],
  ],
  [
    'effects without a place',
    'lie = (asked) => answer(asked, \'{"a":[1],"x":[["0","publish",1]]}\')',
    ['crash'],
  ],
  [
    'log lines by the hundred thousand',
    "lie = (asked) => answer(asked, JSON.stringify({ a: [1], l: Array(1e5).fill(['info', 'x']) }))",
    ['ok'],
  ],
  [
    'log fields deeper than a stack',
    'lie = (asked) => answer(asked, \'{"a":[1],"l":[["info","x",{"a":\' + \'[\'.repeat(3e5) + \']\'.repeat(3e5) + \'}]]}\')',
    ['ok'],
  ],
  [
    'a count of dropped lines that is none',
    'lie = (asked) => answer(asked, \'{"a":[1],"d":-1}\')',
    ['crash'],
  ],
  [
    'the same answer twice',
    'lie = (asked) => { answer(asked, allows(asked)); answer(asked, allows(asked)) }',
    ['ok'],
  ],
  [
    'an answer before any question',
    "loaded = '{}'; const own = write; let first = true; lie = (asked) => {}; setImmediate(() => {}); " +
      'write(frame({ count: 1, epoch: 1, instance: 1, generation: 1, id: 1 }, FRAME.answers, "[1]"))',
    ['loading', 'crash'],
  ],
  [
    'half an answer',
    'lie = (asked) => write(frame(asked, FRAME.answers, allows(asked)).subarray(0, 25))',
    ['deadline'],
  ],
  [
    'an answer a byte a second',
    'lie = (asked) => { for (const byte of frame(asked, FRAME.answers, allows(asked))) { write(Buffer.from([byte])); sleep(1000) } }',
    ['deadline'],
  ],
  [
    'nothing, with its socket closed',
    'lie = () => { closeSync(3); for (;;) sleep(1000) }',
    ['deadline', 'crash'],
  ],
  ['bytes without end', 'lie = () => { for (;;) write(Buffer.alloc(65536)) }', ['crash']],
  ['answers without end', 'lie = (asked) => { for (;;) answer(asked, allows(asked)) }', ['ok', 'crash']],
  [
    'its last words without end',
    "lie = () => { for (;;) writeSync(2, 'x'.repeat(65536)) }",
    ['deadline', 'crash'],
  ],
  [
    'that it did not begin, for ever',
    "lie = (asked) => answer(asked, '', { outcome: 5 })",
    ['crash', 'deadline'],
  ],
  ['that it began no question, for ever', "lie = (asked) => answer(asked, '[-1]')", ['crash', 'deadline']],
]

for (const [what, lie, endings] of LIES) {
  test(`a cell that says ${what} harms nobody`, { timeout: 30_000 }, async (t) => {
    const grownFrom = process.memoryUsage.rss()
    const { tenant, told } = await openHostile(lie, PATIENT)
    t.after(() => tenant.plugins.stop())
    const watch = watchLag()
    const first = await tenant.publish('attack')
    assert.deepEqual(await bystander.publish('open'), { outcome: 'ok', verdict: { verdict: 'allow' } })
    const lagMs = watch.end()
    assert.ok(endings.includes(first.outcome), `it ended as ${first.outcome}`)
    assert.ok(lagMs < MOST_LAG_MS, `the host stalled for ${lagMs} ms`)
    const grewBytes = process.memoryUsage.rss() - grownFrom
    assert.ok(grewBytes < MOST_GROWTH_BYTES, `the host grew by ${grewBytes} bytes`)
    for (const { what: kind, args } of told) {
      if (kind === 'pluginFaulted' || kind === 'pluginLog') assert.ok(JSON.stringify(args).length < 10_000)
    }
    t.diagnostic(`${first.outcome}, lag ${lagMs.toFixed(1)} ms, grew ${(grewBytes / 2 ** 20).toFixed(1)} MiB`)
  })
}

function watchLag(): { end(): number } {
  let worst = 0
  let last = performance.now()
  const look = (): void => {
    const now = performance.now()
    worst = Math.max(worst, now - last - 5)
    last = now
  }
  const timer = setInterval(look, 5)
  return {
    end: () => {
      clearInterval(timer)
      look()
      return worst
    },
  }
}
