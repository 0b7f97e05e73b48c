import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { WebSocketServer } from 'ws'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { WS_FRAME_SLACK } from '../base/limits.ts'
import { TcpWire } from './tcp-wire.ts'
import { WebSocketWire } from './websocket-wire.ts'
import type { Wire, WireEvents } from './wire.ts'

export interface ListenerSettings {
  readonly name: string
  readonly type: 'tcp' | 'ws'
  readonly host: string
  /** 0: the system chooses. */
  readonly port: number
  /** Of the upgrade request; WebSocket only. */
  readonly path: string
  readonly maxConnections: number
  readonly maximumPacketSize: number
}

/** A newcomer: `attach` connects its wire to whoever is to hear it. */
export type Accept = (attach: (events: WireEvents) => Wire, listener: string) => void

/** A bound listener. */
export interface Listener {
  readonly name: string
  readonly type: 'tcp' | 'ws'
  readonly address: string
  readonly port: number
  /** As a client would be told: `mqtt://127.0.0.1:1883`. */
  readonly url: string
  /** Accepts no more; connections that are there stay. */
  close(): Promise<void>
}

/** @throws BulkheadError ERR_LISTEN */
export async function openListener(settings: ListenerSettings, accept: Accept): Promise<Listener> {
  const server = settings.type === 'tcp' ? tcpServer(settings, accept) : webSocketServer(settings, accept)
  server.maxConnections = settings.maxConnections
  try {
    server.listen(settings.port, settings.host)
    await once(server, 'listening')
  } catch (cause) {
    const where = `${settings.host}:${settings.port}`
    throw new BulkheadError(
      'ERR_LISTEN',
      `listener ${settings.name}: cannot listen on ${where}: ${messageOf(cause)}`,
      { cause },
    )
  }
  // an accept that fails later, for want of file descriptors, costs the newcomer and nobody else
  server.on('error', () => undefined)
  const { address, port } = server.address() as AddressInfo
  const host = address.includes(':') ? `[${address}]` : address
  const url = settings.type === 'tcp' ? `mqtt://${host}:${port}` : `ws://${host}:${port}${settings.path}`
  return { name: settings.name, type: settings.type, address, port, url, close: () => closeServer(server) }
}

function tcpServer({ name }: ListenerSettings, accept: Accept): Server {
  return createServer((socket) => accept((events) => new TcpWire(socket, events), name))
}

/** The subprotocols that MQTT clients offer; a server must choose one of those offered [MQTT-6.0.0-3]. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'] as const

function webSocketServer({ name, path, maximumPacketSize }: ListenerSettings, accept: Accept): Server {
  const http = createHttpServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' })
    response.end(`MQTT over WebSocket: upgrade at ${path}\n`)
  })
  const webSockets = new WebSocketServer({
    server: http,
    path,
    // a frame may hold several packets, but its size is not the packet's: the framer bounds that
    maxPayload: maximumPacketSize + WS_FRAME_SLACK,
    perMessageDeflate: false,
    handleProtocols: (offered) => SUBPROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  })
  webSockets.on('connection', (socket, request) => {
    accept((events) => new WebSocketWire(socket, request, events), name)
  })
  // the listen error is the server's own event, which openListener waits for
  webSockets.on('error', () => undefined)
  return http
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  if ('closeIdleConnections' in server)
    (server as Server & { closeIdleConnections(): void }).closeIdleConnections()
}
