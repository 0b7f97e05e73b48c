import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TargetProcess } from '../../../../src/cli/attack/target-process.ts'

const CONFIG = { listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } }, anonymous: true }

test('a broker in a process of its own starts, tells how it fares, and stops', async () => {
  const target = await TargetProcess.start(CONFIG)
  assert.match(target.url, /^mqtt:\/\/127\.0\.0\.1:[1-9]\d*$/)
  await target.mark()
  const { lagMs, residentBytes } = await target.weigh()
  assert.ok(lagMs >= 0)
  assert.ok(residentBytes > 2 ** 20)
  const held = await target.stop()
  assert.deepEqual(held?.after.children, 0)
})

test('a broker that does not start says why', async () => {
  const why = /does not start: [^]*"bnid"/
  const listeners = { mqtt: { type: 'tcp', bnid: '127.0.0.1:0' } }
  await assert.rejects(TargetProcess.start({ ...CONFIG, listeners }), {
    code: 'ERR_CONFIG_INVALID',
    message: why,
  })
})

test('a broker that dies is an error to whoever asks it next', async () => {
  const target = await TargetProcess.start(CONFIG)
  target.kill()
  await assert.rejects(target.mark(), { code: 'ERR_CELL', message: /the broker itself ended: SIGKILL/ })
})
