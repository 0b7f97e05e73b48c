import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/processes.ts'
import { tempFolder } from '../support/temp-folder.ts'

const MAIN = path.resolve(import.meta.dirname, '../../src/cli/main.ts')

test('a broker ends at SIGTERM though nobody reads the sockets that are its stdout and stderr', {
  skip: process.platform === 'linux' ? false : 'elsewhere the end waits for whoever reads',
  timeout: 60_000,
}, async (t) => {
  const folder = tempFolder({
    'broker.yaml': JSON.stringify({
      listeners: { mqtt: { type: 'tcp', bind: '127.0.0.1:0' } },
      controlSocket: './control.sock',
      // it is said in the log that this one does not build
      plugins: { './broken': {} },
    }),
    'broken/plugin.ts': 'export default',
  })
  // two of them: one that both share is made non-blocking by whichever is used first
  const out = await fullSocket(path.join(folder, 'out.sock'))
  const log = await fullSocket(path.join(folder, 'log.sock'))
  const broker = spawn(process.execPath, [MAIN, 'start', '-c', path.join(folder, 'broker.yaml')], {
    stdio: ['ignore', out, log],
  })
  t.after(() => {
    broker.kill('SIGKILL')
    out.destroy()
    log.destroy()
  })
  const exit = once(broker, 'exit')
  await eventually(() => existsSync(path.join(folder, 'control.sock')) || broker.exitCode !== null)
  broker.kill('SIGTERM')
  assert.deepEqual(await exit, [0, null])
})

/** A socket that takes no byte any more: the other end is never read. */
async function fullSocket(at: string): Promise<Socket> {
  const server = createServer({ pauseOnConnect: true }).listen(at)
  await once(server, 'listening')
  const socket = connect(at)
  socket.on('error', () => undefined)
  const [[peer]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [
    [Socket],
    unknown,
  ]
  peer.unref()
  server.close()
  server.unref()
  while (socket.writableLength === 0) {
    socket.write(Buffer.alloc(64 * 1024))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return socket
}
