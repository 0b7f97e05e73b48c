import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import { ANTEROOM_SOCKETS, LINGER_MS, UPGRADE_MS, WS_FRAME_SLACK, WS_PIECE_BYTES } from '../base/limits.ts'
import { Anteroom } from './anteroom.ts'
import type { TurnedAway } from './turned-away.ts'
import type { Arrival } from './wire.ts'

export interface WebSocketSettings {
  /** Of upgrade requests: the first is the one that clients are told. */
  readonly paths: readonly string[]
  /** Of the pages whose scripts may connect; undefined: of all. Who sends no origin is no browser. */
  readonly origins: readonly string[] | undefined
  readonly maximumPacketSize: number
}

/** The subprotocols that MQTT clients offer: the first of them that is offered is chosen [MQTT-6.0.0-4]. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'] as const

/** Reads the upgrade request that a WebSocket begins with; HTTP is all that it speaks until then. */
export class WebSocketGate {
  readonly #settings: WebSocketSettings
  readonly #http: Server
  readonly #webSockets: WebSocketServer
  readonly #room = new Anteroom(ANTEROOM_SOCKETS, UPGRADE_MS)
  readonly #arrivals = new WeakMap<Duplex, Arrival>()
  readonly #accept: (socket: WebSocket, request: IncomingMessage, arrival: Arrival) => void
  readonly #turnedAway: TurnedAway

  constructor(
    settings: WebSocketSettings,
    accept: (socket: WebSocket, request: IncomingMessage, arrival: Arrival) => void,
    turnedAway: TurnedAway,
  ) {
    this.#settings = settings
    this.#accept = accept
    this.#turnedAway = turnedAway
    this.#http = createServer((_request, response) => {
      response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' })
      response.end(`MQTT over WebSocket: upgrade at ${settings.paths[0]}\n`)
    })
    this.#webSockets = new WebSocketServer(optionsFor(settings.maximumPacketSize))
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  admit(socket: Socket, arrival: Arrival): void {
    const { remoteAddress } = arrival
    const entered = this.#room.enter(socket, (how) => {
      // who asked for a page got its answer, and left
      if (how === 'late') this.#turnedAway('upgrade', remoteAddress, 'no upgrade request in time')
    })
    if (!entered) {
      socket.destroy()
      return this.#turnedAway('crowd', remoteAddress, 'too many connections without an upgrade request')
    }
    this.#arrivals.set(socket, arrival)
    this.#http.emit('connection', socket)
  }

  close(): void {
    this.#room.close()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const arrival = this.#arrivals.get(socket)
    // it is late, or the server is closing
    if (arrival === undefined || !this.#room.leave(socket as Socket)) return void socket.destroy()
    const objection = this.#objectionTo(request)
    if (objection === null) {
      return this.#webSockets.handleUpgrade(request, socket, head, (webSocket) =>
        this.#accept(webSocket, request, arrival),
      )
    }
    const [status, text] = objection
    socket.once('error', () => socket.destroy())
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    this.#turnedAway('upgrade', arrival.remoteAddress, text)
  }

  /** Status line and reason. */
  #objectionTo({ url = '', headers }: IncomingMessage): readonly [string, string] | null {
    const { paths, origins } = this.#settings
    const [path = ''] = url.split('?', 1)
    if (!paths.includes(path)) return ['400 Bad Request', 'an upgrade at another path']
    const { origin } = headers
    if (origins !== undefined && origin !== undefined && !origins.includes(origin)) {
      return ['403 Forbidden', 'a page of another origin']
    }
    // [MQTT-6.0.0-3][3.1.1 MQTT-6.0.0-3]: the client must offer it, so whoever does not wants something else
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    const speaksMqtt = SUBPROTOCOLS.some((protocol) => offered.includes(protocol))
    return speaksMqtt ? null : ['400 Bad Request', 'no subprotocol of MQTT is offered']
  }
}

/** The library's own types do not know its newest option. */
function optionsFor(maximumPacketSize: number): ServerOptions & { readonly closeTimeout: number } {
  // a frame may hold several packets, but its size is not the packet's: the framer bounds that
  const maxPayload = maximumPacketSize + WS_FRAME_SLACK
  const pieces = Math.ceil(maxPayload / WS_PIECE_BYTES)
  return {
    noServer: true,
    maxPayload,
    maxFragments: pieces,
    maxBufferedChunks: pieces,
    // whoever is told to go and does not answer
    closeTimeout: LINGER_MS,
    perMessageDeflate: false,
    // the wire answers, as long as answers are read
    autoPong: false,
    // [3.1.1 MQTT-6.0.0-4]
    handleProtocols: (offered) => SUBPROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  }
}
