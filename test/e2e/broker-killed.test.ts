import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { BrokerProcess } from '../support/broker-process.ts'
import { cpuTicks, descendants, eventually, isRunning } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'

/** It never returns from a builtin that no timeout can interrupt. */
const STUCK = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: () => ([].includes.call({ length: 2 ** 53 - 1 }, 1) ? allow() : allow()),
})`

const CONFIG = {
  listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
  plugins: { './stuck': {} },
  // the broker is to be gone before it would end the cell itself
  sandbox: { limits: { wallMs: 60_000 } },
}
const NO_SETPRIV =
  spawnSync('setpriv', ['--version']).error === undefined ? false : 'setpriv is not installed'

test('no cell outlives a broker killed with SIGKILL, not even one that is stuck', {
  skip: NO_SETPRIV,
  timeout: 60_000,
}, async () => {
  const broker = await BrokerProcess.start(CONFIG, { 'stuck/plugin.ts': STUCK })
  await broker.until(() => broker.log.some(({ msg }) => msg === 'plugin stuck is active'))
  const [cell] = descendants(broker.child.pid)
  assert.ok(cell !== undefined)
  const idle = cpuTicks(cell)
  const client = await RawClient.open(broker.port, 4)
  client.send({
    cmd: 'connect',
    clientId: 'c',
    clean: true,
    keepalive: 0,
    protocolId: 'MQTT',
    protocolVersion: 4,
  })
  await eventually(() => cpuTicks(cell) > idle + 20)
  await broker.end('SIGKILL')
  await eventually(() => !isRunning(cell))
})
