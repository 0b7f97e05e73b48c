import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { test } from 'node:test'
import { EventLoopDelay } from '../../../src/observe/event-loop-delay.ts'

test('a loop that was held up shows it, to whoever asks', async () => {
  const delay = new EventLoopDelay()
  delay.start()
  try {
    await pause(30)
    const until = performance.now() + 120
    while (performance.now() < until);
    await pause(30)
    const { p50, p99 } = delay.read()
    assert.ok(p99 >= 0.05, `${p99}`)
    assert.ok(p50 <= p99)
    assert.equal(delay.read().p99, p99, 'who asks again within the span is told the same')
  } finally {
    delay.stop()
  }
})
