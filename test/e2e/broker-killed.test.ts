import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { BrokerProcess } from '../support/broker-process.ts'
import { cpuTicks, descendants, eventually, isRunning } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'
import { tempFolder } from '../support/temp-folder.ts'

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
  sandbox: { spareCells: 0, limits: { wallMs: 60_000 } },
}
const NO_SETPRIV =
  spawnSync('setpriv', ['--version']).error === undefined ? false : 'setpriv is not installed'

/** A machine on which some of the jail's programs fail: in front of PATH, each ends with an error. */
function without(...programs: readonly string[]): NodeJS.ProcessEnv {
  const folder = tempFolder(Object.fromEntries(programs.map((name) => [name, '#!/bin/sh\nexit 1\n'])))
  for (const name of programs) chmodSync(path.join(folder, name), 0o755)
  return { ...process.env, PATH: `${folder}${path.delimiter}${process.env['PATH'] ?? ''}` }
}

const MACHINES: Readonly<Record<string, readonly string[]>> = {
  'with all that is here': [],
  'without bubblewrap': ['bwrap'],
  'without namespaces': ['bwrap', 'unshare'],
}

for (const [machine, programs] of Object.entries(MACHINES)) {
  test(`no cell outlives a broker killed with SIGKILL, not even one that is stuck (${machine})`, {
    skip: NO_SETPRIV,
    timeout: 60_000,
  }, async ({ signal }) => {
    const broker = await BrokerProcess.start(CONFIG, { 'stuck/plugin.ts': STUCK }, without(...programs))
    const client = await RawClient.open(broker.port, 4)
    client.send({
      cmd: 'connect',
      clientId: 'c',
      clean: true,
      keepalive: 0,
      protocolId: 'MQTT',
      protocolVersion: 4,
    })
    // the first question wakes the cell
    await broker.until(() => broker.log.some(({ msg }) => msg === 'plugin stuck is active'))
    // wrappers that wait for the cell, and the cell
    const tree = descendants(broker.child.pid)
    assert.ok(tree.length > 0)
    const burnt = (): number => tree.reduce((sum, pid) => sum + cpuTicks(pid), 0)
    const before = burnt()
    await eventually(() => signal.aborted || burnt() > before + 20)
    await broker.end('SIGKILL')
    await eventually(() => signal.aborted || !tree.some(isRunning))
  })
}
