import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { generate } from 'mqtt-packet'
import { BrokerProcess } from '../support/broker-process.ts'
import { eventually } from '../support/processes.ts'
import { RawClient } from '../support/raw-client.ts'

const LINUX = process.platform === 'linux' ? false : 'Linux alone tells how many files a process may open'
const GATE = `
import { allow, definePlugin } from 'bulkhead/plugin'
export default definePlugin({ authenticate: () => allow(), authorizePublish: () => allow() })`
const TENANTS = 6
const CLIENTS = 100

const tenant = (number: number) => ({
  match: { usernamePrefix: `t${number}:` },
  plugins: { gate: { use: './gate' } },
})
const CONFIG = {
  listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
  tenants: Object.fromEntries(Array.from({ length: TENANTS }, (_, number) => [`t${number}`, tenant(number)])),
}
const FILES = { 'gate/plugin.ts': GATE }

test('a broker that may open too few files for a cell says so, and does not start', {
  skip: LINUX,
  timeout: 60_000,
}, async () => {
  const broker = BrokerProcess.spawn(CONFIG, FILES, process.env, withFiles(30))
  const [code] = (await once(broker.child, 'close')) as [number]
  assert.equal(code, 1)
  assert.match(broker.stderr, /ERR_CELL: this process may have 30 files open, and a cell needs 64/)
})

test('a broker out of descriptors refuses, serves again when there are some, and stops when told', {
  skip: LINUX,
  timeout: 120_000,
}, async () => {
  const broker = await BrokerProcess.start(CONFIG, FILES, process.env, withFiles(64))
  const flood = Array.from({ length: CLIENTS }, (_, number) => flooding(broker.port, number))
  // each is answered or closed: none is left to wait
  await eventually(() => flood.every(({ bytesRead, closed }) => bytesRead > 0 || closed))
  assert.ok(
    flood.some(({ closed }) => closed),
    'there were not enough for all',
  )
  for (const socket of flood) socket.destroy()
  // what did not start is tried again with backoff: a client that comes back is served in the end
  for (let code: number | undefined = -1; code !== 0; ) {
    const client = await RawClient.open(broker.port, 4)
    code = (await client.connack({ username: 't5:u', clientId: 'polite' })).returnCode
    client.socket.destroy()
  }
  assert.equal(await broker.end('SIGTERM'), 0)
})

/** The shell becomes the broker. */
function withFiles(most: number): readonly string[] {
  return ['/bin/sh', '-c', `ulimit -n ${most} && exec "$@"`, 'sh']
}

function flooding(port: number, number: number): Socket {
  const socket = connect(port, '127.0.0.1')
  // that it was refused is told by its close
  socket.on('error', () => undefined).resume()
  const username = `t${number % TENANTS}:u`
  socket.write(generate({ cmd: 'connect', clientId: `c${number}`, username, clean: true, keepalive: 0 }))
  return socket
}
