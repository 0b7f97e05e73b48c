import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { BACKLOG_BYTES } from '../base/limits.ts'
import type { RawData, WebSocket } from 'ws'
import { StallWatch } from './stall-watch.ts'
import type { Arrival, TlsFacts, Upgrade, Wire, WireEvents } from './wire.ts'

/** WebSocket close codes [RFC 6455, 7.4.1]. */
const CLOSE_NORMAL = 1000
const CLOSE_UNSUPPORTED_DATA = 1003

/**
 * MQTT over WebSocket: packets may span frames and frames hold several packets
 * [MQTT-6.0.0-2][3.1.1 MQTT-6.0.0-2].
 */
export class WebSocketWire implements Wire {
  readonly remoteAddress: string
  readonly tls: TlsFacts | null
  readonly upgrade: Upgrade
  readonly #socket: WebSocket
  readonly #stalls: StallWatch

  constructor(
    socket: WebSocket,
    request: IncomingMessage,
    { remoteAddress, tls }: Arrival,
    events: WireEvents,
  ) {
    this.#socket = socket
    this.#stalls = new StallWatch(request.socket)
    this.remoteAddress = remoteAddress
    this.tls = tls
    this.upgrade = upgradeOf(request)
    let error: Error | null = null
    let isRefused = false
    socket.on('message', (data, isBinary) => {
      // what was on its way behind the refusal
      if (isRefused) return
      // [MQTT-6.0.0-1][3.1.1 MQTT-6.0.0-1]: only binary frames carry MQTT
      if (isBinary) return events.data(bytesOf(data))
      isRefused = true
      socket.close(CLOSE_UNSUPPORTED_DATA, 'binary frames only')
    })
    socket.on('ping', (data) => {
      // the answer to a later one will do [RFC 6455, 5.5.3]: who reads none must not have them kept
      if (socket.bufferedAmount <= BACKLOG_BYTES) socket.pong(data)
    })
    socket.on('error', (reason) => {
      error = reason
    })
    socket.on('close', () => events.ended(error))
    this.#drained = () => events.drained()
  }

  readonly #drained: () => void

  get backlog(): number {
    return this.#socket.bufferedAmount
  }

  write(bytes: Buffer): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true
    // the library may keep what it is given past this call, so it gets a copy of its own
    this.#socket.send(Buffer.from(bytes), { binary: true }, this.#drained)
    if (this.backlog > 0) this.#stalls.begin()
    return true
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.close(CLOSE_NORMAL)
  }

  destroy(): void {
    this.#socket.terminate()
  }
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}

/** A copy: the request itself holds on to the socket and its parser. */
function upgradeOf({ url = '', headers }: IncomingMessage): Upgrade {
  const named = Object.entries(headers).map(([name, value]) => [name, String(value)] as const)
  return { path: url, host: headers.host ?? '', headers: Object.fromEntries(named) }
}
