import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CpuShare } from '../../../../sandbox/host/cells/cpu-share.ts'
import { CPU_BURST_MS, CPU_PAUSE_MS } from '../../../../sandbox/limits.ts'

test('a burst is free; what is above it is overdrawn until it is paid back', () => {
  const share = new CpuShare(0.25, 0)
  share.use(CPU_BURST_MS, 0)
  assert.equal(share.isOverdrawn(0), false)
  share.use(100, 0)
  assert.equal(share.isOverdrawn(0), true)
  assert.equal(share.isOverdrawn(399), true)
  assert.equal(share.isOverdrawn(400), false)
})

test('who stays within the share is never overdrawn, however long', () => {
  const share = new CpuShare(0.25, 0)
  for (let now = 200; now < 600_000; now += 200) {
    share.use(50, now)
    assert.equal(share.isOverdrawn(now), false)
  }
})

test('hunger lasts over short pauses, and ends with a longer one', () => {
  const share = new CpuShare(0.5, 0)
  share.use(CPU_BURST_MS + 500, 1000)
  assert.equal(share.isOverdrawn(1000), true)
  assert.equal(share.isOverdrawn(2500), false)
  share.use(600, 2600)
  assert.equal(share.isOverdrawn(2600), true)
  assert.equal(share.hungryForMs(2600), 1600)
  assert.equal(share.isOverdrawn(2600 + 1200 + CPU_PAUSE_MS), false)
  assert.equal(share.hungryForMs(2600 + 1200 + CPU_PAUSE_MS), 0)
})

test('what is forgiven is the past, not the debt', () => {
  const share = new CpuShare(0.5, 0)
  share.use(CPU_BURST_MS + 5000, 0)
  assert.equal(share.isOverdrawn(0), true)
  assert.equal(share.hungryForMs(1000), 1000)
  share.forgive()
  assert.equal(share.isOverdrawn(1000), true)
  assert.equal(share.hungryForMs(1000), 0)
})
