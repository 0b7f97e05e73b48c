import type { Socket } from 'node:net'
import { StallWatch } from './stall-watch.ts'
import type { Arrival, TlsFacts, Wire, WireEvents } from './wire.ts'

/** MQTT over a plain socket, or over one of TLS: in order and without loss [MQTT-4.2-1]. */
export class TcpWire implements Wire {
  readonly remoteAddress: string
  readonly tls: TlsFacts | null
  readonly upgrade = null
  readonly #socket: Socket
  readonly #stalls: StallWatch

  constructor(socket: Socket, { remoteAddress, tls }: Arrival, events: WireEvents) {
    this.#socket = socket
    this.#stalls = new StallWatch(socket)
    this.remoteAddress = remoteAddress
    this.tls = tls
    let error: Error | null = null
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => events.data(chunk))
    socket.on('drain', () => events.drained())
    socket.on('error', (reason) => {
      error = reason
    })
    socket.on('close', () => events.ended(error))
  }

  get backlog(): number {
    return this.#socket.writableLength
  }

  write(bytes: Buffer): boolean {
    if (!this.#socket.writable) return true
    this.#socket.write(bytes)
    // libuv tries the write at once; what the kernel took whole no longer needs the buffer
    if (this.#socket.writableLength === 0) return true
    this.#stalls.begin()
    return false
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}
