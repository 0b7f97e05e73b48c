import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import path from 'node:path'
import { test } from 'node:test'
import { openControlSocket } from '../../../src/admin/control-socket.ts'
import type { ControlPorts } from '../../../src/admin/routes.ts'
import { BulkheadError } from '../../../src/base/errors.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const PORTS: ControlPorts = {
  status: () => ({ ready: true }),
  explain: () => Promise.resolve(undefined),
  decision: (id) => ({ id }),
  refusals: () => [],
  stop: () => 0,
  reload: () => Promise.resolve({}),
}

const NO_ADMIN = (): Promise<never> => Promise.reject(new Error('nobody asks for it'))

async function get(socketPath: string, target: string): Promise<readonly [number, string, unknown]> {
  const asking = request({ socketPath, path: target })
  asking.end()
  const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage]
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return [response.statusCode ?? 0, response.headers['content-type'] ?? '', JSON.parse(text)]
}

const refused = (error: unknown): boolean => error instanceof BulkheadError && error.code === 'ERR_CONTROL'

test('it answers over a socket that nobody else can open, and leaves nothing behind', async () => {
  const socket = path.join(tempFolder({}), 'control.sock')
  const control = await openControlSocket(socket, PORTS, NO_ADMIN)
  assert.equal(statSync(socket).mode & 0o777, 0o600)
  assert.deepEqual(await get(socket, '/v1/decisions/k-1'), [200, 'application/json', { id: 'k-1' }])
  const [status, type] = await get(socket, '/v1/decisions/no/thing')
  assert.deepEqual([status, type], [404, 'application/problem+json'])
  await control.close()
  assert.equal(existsSync(socket), false)
})

test('what a killed broker left behind is replaced; a socket in use is not', async () => {
  const socket = path.join(tempFolder({}), 'control.sock')
  const other = createServer((connection) => connection.destroy())
  other.listen(socket)
  await once(other, 'listening')
  await assert.rejects(openControlSocket(socket, PORTS, NO_ADMIN), refused)
  assert.equal(existsSync(socket), true)
  other.close()
  await once(other, 'close')
  // a file that is no socket is nobody's broker, and not ours to delete
  writeFileSync(socket, 'data')
  await assert.rejects(openControlSocket(socket, PORTS, NO_ADMIN), refused)
})

test('a path that no socket can have is refused by name', async () => {
  const long = path.join(tempFolder({}), 'x'.repeat(120))
  await assert.rejects(openControlSocket(long, PORTS, NO_ADMIN), /at most 107 bytes/)
})
