import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WHEEL_SLOTS, WHEEL_TICK_MS } from '../../../src/base/limits.ts'
import { TimerEntry, TimerWheel } from '../../../src/base/timer-wheel.ts'

class Recorder extends TimerEntry {
  readonly at: number[] = []
  readonly #clock: Clock

  constructor(clock: Clock) {
    super()
    this.#clock = clock
  }

  override expired(): void {
    assert.equal(this.armed, false)
    this.at.push(this.#clock.ms)
  }
}

/** Time that passes when the test says so, one tick of the wheel after the other. */
class Clock {
  ms = 0
  readonly now = (): number => this.ms

  pass(wheel: TimerWheel, ms: number): void {
    for (const end = this.ms + ms; this.ms < end; ) {
      this.ms = Math.min(end, (Math.floor(this.ms / WHEEL_TICK_MS) + 1) * WHEEL_TICK_MS)
      wheel.turn()
    }
  }
}

test('an entry expires once, never early and at most a tick late, however many rounds away', () => {
  const longest = WHEEL_SLOTS * WHEEL_TICK_MS * 2
  fc.assert(
    fc.property(fc.nat(3 * WHEEL_TICK_MS), fc.array(fc.nat(longest), { maxLength: 8 }), (start, dues) => {
      const clock = new Clock()
      clock.ms = start
      const wheel = new TimerWheel(clock.now)
      const entries = dues.map((due) => {
        const entry = new Recorder(clock)
        wheel.add(entry, due)
        return entry
      })
      clock.pass(wheel, longest + 2 * WHEEL_TICK_MS)
      for (const [index, entry] of entries.entries()) {
        const late = (entry.at[0] ?? Number.NaN) - start - (dues[index] ?? 0)
        assert.equal(entry.at.length, 1)
        assert.ok(late >= 0 && late <= WHEEL_TICK_MS, `${late} ms late`)
      }
      assert.equal(wheel.size, 0)
    }),
    { numRuns: 50 },
  )
})

test('a cancelled entry does not expire, and cancelling again changes nothing', () => {
  const clock = new Clock()
  const wheel = new TimerWheel(clock.now)
  const entry = new Recorder(clock)
  wheel.add(entry, 5000)
  wheel.cancel(entry)
  wheel.cancel(entry)
  clock.pass(wheel, 20_000)
  assert.deepEqual(entry.at, [])
  assert.equal(wheel.size, 0)
})

test('an entry that is armed again expires at its new time only', () => {
  const clock = new Clock()
  const wheel = new TimerWheel(clock.now)
  const entry = new Recorder(clock)
  wheel.add(entry, 2000)
  wheel.add(entry, 9000)
  assert.equal(wheel.size, 1)
  clock.pass(wheel, 20_000)
  assert.deepEqual(entry.at, [9000])
})

test('what expires may arm itself and cancel its neighbours', () => {
  const clock = new Clock()
  const wheel = new TimerWheel(clock.now)
  const neighbour = new Recorder(clock)
  class Again extends Recorder {
    override expired(): void {
      super.expired()
      wheel.cancel(neighbour)
      if (this.at.length < 3) wheel.add(this, WHEEL_SLOTS * WHEEL_TICK_MS)
    }
  }
  const again = new Again(clock)
  wheel.add(again, 1000)
  wheel.add(neighbour, 1000)
  clock.pass(wheel, 3 * WHEEL_SLOTS * WHEEL_TICK_MS)
  assert.equal(again.at.length, 3)
  assert.deepEqual(neighbour.at, [])
})

test('after a long sleep one turn calls everything that is overdue', () => {
  const clock = new Clock()
  const wheel = new TimerWheel(clock.now)
  const entries = [1000, 5000, 700_000, 9_000_000].map((due) => {
    const entry = new Recorder(clock)
    wheel.add(entry, due)
    return entry
  })
  clock.ms = 8_000_000
  wheel.turn()
  assert.deepEqual(
    entries.map(({ at }) => at.length),
    [1, 1, 1, 0],
  )
  assert.equal(wheel.size, 1)
  wheel.cancel(entries[3] as Recorder)
})

test("by Node's own clock it turns by itself and keeps no process alive", async () => {
  const wheel = new TimerWheel()
  const before = performance.now()
  const keptAlive = setInterval(() => undefined, 60_000)
  await new Promise<void>((resolve) => {
    class Once extends TimerEntry {
      override expired(): void {
        resolve()
      }
    }
    wheel.add(new Once(), 1)
  })
  clearInterval(keptAlive)
  assert.ok(performance.now() - before < 60_000)
})
