import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { METRICS_CONNECTIONS, METRICS_HEADER_BYTES, METRICS_REQUEST_MS } from '../base/limits.ts'
import { isLoopback } from '../base/loopback.ts'
import { type Metrics, metricsTypeFor } from './metrics.ts'

/** What is told to whoever may connect: there are no credentials. */
export interface MetricsPorts {
  readonly metrics: Pick<Metrics, 'text'>
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
}

/** A metrics listener that is bound. */
export interface MetricsListener {
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves `/metrics`, `/livez` and `/readyz` by plain HTTP. Why a broker is not ready is told on this machine
 * alone: paths and errors of the disk may be in it.
 *
 * @throws BulkheadError ERR_LISTEN
 */
export async function openMetricsListener(
  { host, port }: { readonly host: string; readonly port: number },
  ports: MetricsPorts,
): Promise<MetricsListener> {
  const limits = { maxHeaderSize: METRICS_HEADER_BYTES, requestTimeout: METRICS_REQUEST_MS }
  const server = createServer(limits, (request, response) => {
    // what cannot be told is no reason for anybody's connection to end
    answer(ports, request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.maxConnections = METRICS_CONNECTIONS
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw new BulkheadError('ERR_LISTEN', `metrics: cannot listen on ${host}:${port}: ${messageOf(cause)}`, {
      cause,
    })
  }
  // an accept that fails later costs the newcomer and nobody else
  server.on('error', () => undefined)
  const bound = server.address() as AddressInfo
  const shown = bound.address.includes(':') ? `[${bound.address}]` : bound.address
  return {
    url: `http://${shown}:${bound.port}/metrics`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  ports: MetricsPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = '', url = '', headers, socket } = request
  const say = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(method === 'HEAD' ? undefined : text)
  }
  if (method !== 'GET' && method !== 'HEAD') return say(405, 'only GET is answered here\n')
  switch (url.split('?', 1)[0] ?? '') {
    case '/metrics': {
      const type = metricsTypeFor(headers.accept)
      return say(200, await ports.metrics.text(type), type)
    }
    case '/livez':
    case '/healthz':
      return say(200, 'alive\n')
    case '/readyz': {
      const { ready, reasons } = ports.readiness()
      if (ready) return say(200, 'ready\n')
      const told = isLoopback(socket.remoteAddress ?? '') ? reasons.map((reason) => `${reason}\n`) : []
      return say(503, `not ready\n${told.join('')}`)
    }
    default:
      return say(404, 'there are /metrics, /livez and /readyz\n')
  }
}
