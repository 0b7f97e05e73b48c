import { once } from 'node:events'
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { BulkheadError, messageOf } from '../base/errors.ts'
import {
  CONTROL_CONNECTIONS,
  CONTROL_HEADER_BYTES,
  CONTROL_REQUEST_MS,
  SOCKET_PATH_BYTES,
} from '../base/limits.ts'
import { type ControlPorts, route } from './routes.ts'

/** A control socket that is open. */
export interface ControlSocket {
  readonly path: string
  close(): Promise<void>
}

/**
 * Answers the operator's own tools: HTTP over a Unix socket that only this user can open. What it serves is
 * in routes.ts.
 *
 * @throws BulkheadError ERR_CONTROL: the path is too long, taken by a running broker, or cannot be bound.
 */
export async function openControlSocket(path: string, ports: ControlPorts): Promise<ControlSocket> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES) {
    throw new BulkheadError('ERR_CONTROL', `${path}: a socket's path has at most ${SOCKET_PATH_BYTES} bytes`)
  }
  await removeStale(path)
  const limits = { maxHeaderSize: CONTROL_HEADER_BYTES, requestTimeout: CONTROL_REQUEST_MS }
  const server = createServer(limits, (request, response) => void answer(ports, request, response))
  server.maxConnections = CONTROL_CONNECTIONS
  // the socket is made within this call: nobody else can open it, not even for a moment
  const before = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(before)
  }
  try {
    await once(server, 'listening')
    chmodSync(path, 0o600)
  } catch (cause) {
    throw new BulkheadError('ERR_CONTROL', `${path}: ${messageOf(cause)}`, { cause })
  }
  return {
    path,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** A broker that was killed has left its socket behind; nobody listens on it. */
async function removeStale(path: string): Promise<void> {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!there.isSocket()) throw new BulkheadError('ERR_CONTROL', `${path}: is there already, and no socket`)
  const isTaken = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy()
      resolve(true)
    })
    probe.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
  if (isTaken) throw new BulkheadError('ERR_CONTROL', `${path}: is there already, and in use`)
  unlinkSync(path)
}

async function answer(
  ports: ControlPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await route(ports, request.method ?? '', request.url ?? '')
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  response.writeHead(status, { 'content-type': type })
  response.end(`${JSON.stringify(body)}\n`)
}
