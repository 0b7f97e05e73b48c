import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CellMeter } from '../../../../sandbox/host/cells/cell-meter.ts'
import { CPU_BURST_MS, SAMPLE_MS } from '../../../../sandbox/limits.ts'

const SELF = { pid: process.pid, epoch: 1 }

function burn(ms: number): void {
  const from = process.cpuUsage()
  for (let used = 0; used < ms * 1000; ) {
    const { user, system } = process.cpuUsage(from)
    used = user + system
  }
}

test('a cell that takes more memory than it may is seen at the next look', { skip: noLinux() }, () => {
  assert.equal(new CellMeter({ rssMiB: 1, cpuShare: 1 }).look(SELF, 0), true)
  assert.equal(new CellMeter({ rssMiB: 100_000, cpuShare: 1 }).look(SELF, 0), false)
})

test('it looks no more often than it must', { skip: noLinux() }, () => {
  const meter = new CellMeter({ rssMiB: 1, cpuShare: 1 })
  assert.equal(meter.look(SELF, 0), true)
  assert.equal(meter.look(SELF, SAMPLE_MS - 1), false)
  assert.equal(meter.look(SELF, SAMPLE_MS), true)
})

test('it keeps to its own part of the time, however late it was', { skip: noLinux() }, () => {
  const meter = new CellMeter({ rssMiB: 1, cpuShare: 1 }, 0, SAMPLE_MS / 4)
  assert.equal(meter.look(SELF, 3 * SAMPLE_MS), true)
  assert.equal(meter.look(SELF, (3 + 0.7) * SAMPLE_MS), false)
  assert.equal(meter.look(SELF, (3 + 0.75) * SAMPLE_MS), true)
})

test('the time of a process counts against the share from its start', { skip: noLinux() }, () => {
  const meter = new CellMeter({ rssMiB: 100_000, cpuShare: 0.01 }, 0)
  // this process has used some time already; as many processes of its kind as it takes are a burst
  burn(50)
  let epoch = 1
  for (; meter.overdrawnSince === undefined; epoch += 1) {
    assert.ok(epoch < CPU_BURST_MS, 'each counts at least a millisecond')
    meter.look({ pid: process.pid, epoch }, epoch * SAMPLE_MS)
  }
  assert.equal(meter.overdrawnSince, (epoch - 1) * SAMPLE_MS)
  meter.look(undefined, 10_000_000)
  assert.equal(meter.overdrawnSince, undefined)
})

test('what cells have used adds up over all of them, each measured once', { skip: noLinux() }, () => {
  const meter = new CellMeter({ rssMiB: 100_000, cpuShare: Number.POSITIVE_INFINITY }, 0)
  burn(50)
  meter.measure(SELF, 1)
  const first = meter.cpuMs
  assert.ok(first >= 50)
  burn(50)
  // not its turn to be looked at: measuring does not wait for that
  meter.measure(SELF, 2)
  assert.ok(meter.cpuMs >= first + 40 && meter.cpuMs < 2 * first + 1000)
  const second = meter.cpuMs
  meter.measure({ pid: process.pid, epoch: 2 }, 3)
  assert.ok(meter.cpuMs >= 2 * second, 'another cell has used what it has used')
  meter.measure(undefined, 4)
})

test('a tenant without a bound is never overdrawn', () => {
  const meter = new CellMeter({ rssMiB: 100_000, cpuShare: Number.POSITIVE_INFINITY }, 0)
  for (let epoch = 1; epoch < 1000; epoch += 1) meter.look({ pid: process.pid, epoch }, epoch * SAMPLE_MS)
  assert.equal(meter.overdrawnSince, undefined)
})

test('the hungriest plugin is the one whose frames took longest', () => {
  const meter = new CellMeter({ rssMiB: 256, cpuShare: 1 })
  meter.worked(1, 30)
  meter.worked(2, 20)
  meter.worked(2, 20)
  assert.equal(meter.hungriest(), 2)
})

function noLinux(): string | false {
  return process.platform === 'linux' ? false : 'only Linux tells what a process takes'
}
