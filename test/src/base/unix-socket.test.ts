import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import path from 'node:path'
import { after, test } from 'node:test'
import { SOCKET_PATH_BYTES } from '../../../src/base/limits.ts'
import { listenOnPath } from '../../../src/base/unix-socket.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const folder = tempFolder({})

function newServer(): Server {
  const server = createServer((socket) => socket.end())
  after(() => server.close())
  return server
}

test('who may connect is who the mode says', async () => {
  const file = path.join(folder, 'mode.sock')
  await listenOnPath(newServer(), file, 0o640)
  assert.equal(statSync(file).mode & 0o777, 0o640)
  const socket = connect(file)
  await once(socket, 'connect')
  socket.destroy()
})

test('a socket that a killed process left behind is replaced', async () => {
  const file = path.join(folder, 'stale.sock')
  const program =
    "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
  await once(spawn(process.execPath, ['-e', program, file]), 'close')
  assert.ok(existsSync(file))
  await listenOnPath(newServer(), file, 0o600)
})

test('what is in use, or no socket, is left alone', async () => {
  const used = path.join(folder, 'used.sock')
  await listenOnPath(newServer(), used, 0o600)
  await assert.rejects(listenOnPath(newServer(), used, 0o600), {
    message: `${used}: is there already, and in use`,
  })
  const file = path.join(folder, 'file')
  writeFileSync(file, 'precious')
  await assert.rejects(listenOnPath(newServer(), file, 0o600), {
    message: `${file}: is there already, and no socket`,
  })
  assert.equal(readFileSync(file, 'utf8'), 'precious')
})

test('a path that is too long, or leads nowhere, is named', async () => {
  const long = path.join(folder, 'x'.repeat(SOCKET_PATH_BYTES))
  await assert.rejects(listenOnPath(newServer(), long, 0o600), {
    message: /x: a socket's path has at most 107 bytes$/,
  })
  const gone = path.join(folder, 'gone', 'a.sock')
  await assert.rejects(listenOnPath(newServer(), gone, 0o600), /gone\/a\.sock: /)
})
