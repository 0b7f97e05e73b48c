import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { CONTROL_CONNECTIONS, CONTROL_HEADER_BYTES, CONTROL_REQUEST_MS } from '../base/limits.ts'
import { listenOnPath } from '../base/unix-socket.ts'
import type { AdminApp } from './admin-app.ts'
import { type ControlPorts, isControlPath, route } from './routes.ts'
import type { Caller } from './route.ts'

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
export async function openControlSocket(
  path: string,
  ports: ControlPorts,
  admin: () => Promise<AdminApp>,
): Promise<ControlSocket> {
  const limits = { maxHeaderSize: CONTROL_HEADER_BYTES, requestTimeout: CONTROL_REQUEST_MS }
  const server = createServer(limits, (request, response) => {
    if (isControlPath(request.url ?? '')) return void answer(ports, request, response)
    admin().then(
      (app) => app.serve(request, response, OPERATOR),
      (error: unknown) => response.destroy(error as Error),
    )
  })
  server.maxConnections = CONTROL_CONNECTIONS
  try {
    await listenOnPath(server, path, 0o600)
  } catch (cause) {
    throw new BulkheadError('ERR_CONTROL', messageOf(cause), { cause })
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

/** Whoever can open the socket runs the broker. */
const OPERATOR: Caller = { role: 'operator', tenant: null, name: 'local' }

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
