import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TargetLog } from '../../../../src/cli/attack/target-log.ts'
import { MARK } from '../../../../src/cli/attack/target-messages.ts'

function logOf(...lines: readonly object[]): TargetLog {
  const log = new TargetLog()
  for (const line of lines) log.push(`${JSON.stringify(line)}\n`)
  return log
}

test('a fault is its tenant, plugin, hook, outcome and detail', () => {
  const whose = { tenant: 'C01', plugin: 'hostile' }
  const fault = { ...whose, hook: 'authorizePublish', outcome: 'timeout', detail: '' }
  assert.deepEqual(logOf({ level: 40, msg: 'ended', ...fault }).faults, [fault])
})

test('words of a plugin, ends of cells and closed tenants are kept by tenant', () => {
  const log = logOf(
    { tenant: 'F01', source: 'plugin', msg: 'hello' },
    { tenant: 'C04', pid: 7, reason: 'a plugin does not come to an end', msg: 'ended' },
    { tenant: 'U01', msg: 'tenant U01 is closed: it does not load' },
    { tenant: 'U02', state: 'failed', msg: 'plugin hostile is failed' },
    { tenant: 'U03', state: 'failed', msg: 'plugin hostile is failed' },
    { tenant: 'U03', state: 'active', msg: 'plugin hostile is active' },
  )
  assert.deepEqual(log.lines.get('F01'), ['hello'])
  assert.deepEqual(log.ended.get('C04'), ['a plugin does not come to an end'])
  assert.deepEqual([...log.closed], ['U01', 'U02'])
  assert.deepEqual(log.foul, [])
})

for (const [what, line] of [
  ['no JSON', 'Warning: something'],
  ['no object', '1'],
  ['an escape sequence', '{"msg":"\u001b[2J"}'],
  ['a control character of the second set', '{"msg":"\u009b2J"}'],
  ['a line separator', '{"msg":"\u2028"}'],
  ['a bidirectional override', '{"msg":"\u202e"}'],
] as const) {
  test(`a line with ${what} is foul`, () => {
    const log = new TargetLog()
    log.push(`${line}\n`)
    assert.equal(log.foul.length, 1)
  })
}

test('a line that comes in two pieces is one line', () => {
  const log = new TargetLog()
  log.push('{"tenant":"F01","source":"pl')
  log.push('ugin","msg":"whole"}\n')
  assert.deepEqual(log.lines.get('F01'), ['whole'])
})

test('a mark is reached once all before it has been read', async () => {
  const log = new TargetLog()
  const reached = log.reached(2).then(() => log.lines.size)
  log.push(`${JSON.stringify({ [MARK]: 1 })}\n`)
  log.push(
    `${JSON.stringify({ tenant: 'F01', source: 'plugin', msg: 'x' })}\n${JSON.stringify({ [MARK]: 2 })}\n`,
  )
  assert.equal(await reached, 1)
})
