import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Outcome } from '../../sandbox/index.ts'
import { openHostile } from '../support/hostile-cell.ts'
import { PluginStage } from '../support/plugin-stage.ts'

/**
 * A plugin that broke out of its isolate is its cell: it says on the wire what it likes. It may answer for
 * its own tenant; it must not hold the broker up, fill it, or end it.
 */
const MOST_LAG_MS = 250
const MOST_GROWTH_BYTES = 64 * 2 ** 20
/** Most of a lie is waiting for its cell, or for a clock: so many are told side by side. */
const LANES = 4
const BYSTANDER = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authorizePublish: () => allow() })`
const PATIENT = { softMs: 500, wallMs: 1000 } as const

const stage = await PluginStage.open()
test.after(() => stage[Symbol.asyncDispose]())
const bystander = await stage.tenant('bystander', await stage.prepare(BYSTANDER), PATIENT)

const HEADERS: Readonly<Record<string, string>> = {
  'another epoch': 'lie = (asked) => answer({ ...asked, epoch: asked.epoch - 1 }, allows(asked))',
  'an id that was not asked': 'lie = (asked) => answer({ ...asked, id: asked.id + 1 }, allows(asked))',
  'another plugin’s number': 'lie = (asked) => answer({ ...asked, instance: 2 }, allows(asked))',
  'the isolate before': 'lie = (asked) => answer({ ...asked, generation: 0 }, allows(asked))',
  'another number of answers': "lie = (asked) => answer({ ...asked, count: 2 }, '[1,1]')",
  'a frame of four gigabytes': "lie = (asked) => answer(asked, '[1]', { length: 4294967295 })",
  'bytes that are no UTF-8': 'lie = (asked) => answer(asked, Buffer.from([91, 0xff, 93]))',
}

/** Bodies that no guest writes: the cell is killed. */
const BODIES: Readonly<Record<string, string>> = {
  'more answers than questions': "says('[1,1]')",
  'no JSON': "says('[1')",
  'lists in lists': "says('['.repeat(2e5) + ']'.repeat(2e5))",
  'a number to wait under that is none': "says('[[-1]]')",
  'effects without a place': 'saysJson({ a: [1], x: [["0", "publish", 1]] })',
  'a count of dropped lines that is none': 'says(\'{"a":[1],"d":-1}\')',
}

/** Elements that no guest writes: they are no verdicts. */
const ELEMENTS: Readonly<Record<string, string>> = {
  'objects in objects': "says('[' + '{\"a\":'.repeat(1e5) + '1' + '}'.repeat(1e5) + ']')",
  'a verdict of many keys': "saysJson([Object.fromEntries(times(1e5, (at) => ['k' + at, at]))])",
  'a prototype': 'says(\'[{"__proto__":{"verdict":"allow"}}]\')',
  'words that are no answer': "saysJson(['ok:'])",
  'a number that is no answer': 'saysJson([4])',
}

/** Beside an answer that counts: it may speak for its own tenant, and what it adds is bounded or its end. */
const SIDES: Readonly<Record<string, string>> = {
  'the end of what nobody waits for': 'saysJson({ a: [1], s: [7, 1] })',
  'calls in the wrong order': "saysJson({ a: [1], c: [[2, 0, 'log', 1], [1, 0, 'log', 1]] })",
  'calls without end': "saysJson({ a: [1], c: times(5e4, (at) => [at + 1, 0, 'kv', 1]) })",
  'calls of what has a name of a megabyte': "saysJson({ a: [1], c: [[1, 0, 'x'.repeat(1e6), 1]] })",
  'effects of powers it has not': "saysJson({ a: [1], x: [[0, 'publish', {}], [1e9, 'kv', 1]] })",
  'effects by the hundred thousand': "saysJson({ a: [1], x: times(1e5, () => [0, 'x', 1]) })",
  'refusals by the hundred thousand': "saysJson({ a: [1], n: times(1e5, () => ['x', 'y']) })",
  'log lines by the hundred thousand': "saysJson({ a: [1], l: times(1e5, () => ['info', 'x']) })",
  'log fields deeper than a stack':
    'says(\'{"a":[1],"l":[["info","x",{"a":\' + \'[\'.repeat(3e5) + \']\'.repeat(3e5) + \'}]]}\')',
  'the same answer twice': 'lie = (asked) => { answer(asked, allows(asked)); answer(asked, allows(asked)) }',
  'answers without end': 'lie = (asked) => { for (;;) answer(asked, allows(asked)) }',
}

/** Nothing that is an answer. */
const SILENCE: Readonly<Record<string, string>> = {
  'half an answer': 'lie = (asked) => write(frame(asked, FRAME.answers, allows(asked)).subarray(0, 25))',
  'a byte a second':
    'lie = (asked) => { for (const byte of frame(asked, FRAME.answers, "[1]")) write([byte]), sleep(1000) }',
  'nothing, with its socket closed': 'lie = () => { closeSync(3); for (;;) sleep(1000) }',
  'that it did not begin, for ever': "lie = (asked) => answer(asked, '', { outcome: 5 })",
  'that it began no question, for ever': "says('[-1]')",
  'that its isolate is full, for ever': 'lie = full',
  'an answer before any question':
    "write(frame({ count: 1, epoch: 1, instance: 1, generation: 1, id: 1 }, FRAME.answers, '[1]'))",
}

/** It is read, and must have an end. */
const NOISE: Readonly<Record<string, string>> = {
  'bytes without end': 'lie = () => { for (;;) write(Buffer.alloc(65536)) }',
  'its last words without end': "lie = () => { for (;;) writeSync(2, 'x'.repeat(65536)) }",
}

const LIES: readonly (readonly [what: string, lie: string, endings: readonly Outcome[]])[] = [
  ...each(HEADERS, ['crash']),
  ...each(BODIES, ['crash']),
  ...each(ELEMENTS, ['bad-verdict', 'crash']),
  ...each(SIDES, ['ok', 'crash']),
  ...each(NOISE, ['crash']),
  ...each(SILENCE, ['deadline', 'crash', 'loading']),
]

function each(
  lies: Readonly<Record<string, string>>,
  endings: readonly Outcome[],
): readonly (readonly [string, string, readonly Outcome[]])[] {
  return Object.entries(lies).map(([what, lie]) => [what, lie, endings])
}

suite('a cell that lies harms nobody', { concurrency: LANES }, () => {
  for (const [what, lie, endings] of LIES) {
    test(`it says ${what}`, { timeout: 30_000 }, async (t) => {
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
      t.diagnostic(
        `${first.outcome}, lag ${lagMs.toFixed(1)} ms, grew ${(grewBytes / 2 ** 20).toFixed(1)} MiB`,
      )
    })
  }
})

/** How long the host was busy at a stretch; to wait for a core that others have is no doing of its own. */
function watchLag(): { end(): number } {
  let worst = 0
  let last = performance.now()
  let cpu = process.cpuUsage()
  const look = (): void => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(cpu)
    worst = Math.max(worst, Math.min(now - last, (user + system) / 1000))
    last = now
    cpu = process.cpuUsage()
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
