import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { ADMIN } from '../base/limits.ts'
import type { AdminApp } from './admin-app.ts'

/** An admin listener that is bound. */
export interface AdminListener {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves the admin API by HTTP; a token must say who asks.
 *
 * @throws BulkheadError ERR_LISTEN
 */
export async function openAdminListener(
  { host, port }: { readonly host: string; readonly port: number },
  app: AdminApp,
): Promise<AdminListener> {
  const limits = { maxHeaderSize: ADMIN.headerBytes, requestTimeout: ADMIN.requestMs }
  const server = createServer(limits, (request, response) => app.serve(request, response))
  server.maxConnections = ADMIN.connections
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    const message = `the admin API: cannot listen on ${host}:${port}: ${messageOf(cause)}`
    throw new BulkheadError('ERR_LISTEN', message, { cause })
  }
  // an accept that fails later costs the newcomer and nobody else
  server.on('error', () => undefined)
  const bound = server.address() as AddressInfo
  const shown = bound.address.includes(':') ? `[${bound.address}]` : bound.address
  return {
    url: `http://${shown}:${bound.port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
