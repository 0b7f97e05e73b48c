import type { BlockList, Socket } from 'node:net'
import { isIPv6 } from 'node:net'
import { ANTEROOM_SOCKETS, PROXY_HEADER_MS } from '../base/limits.ts'
import { Anteroom } from './anteroom.ts'
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts'
import type { LetIn } from './tls-gate.ts'
import type { TurnedAway } from './turned-away.ts'
import type { Arrival } from './wire.ts'

/**
 * Reads the header with which a trusted proxy says for whom it speaks. Without one nobody comes in: whoever
 * may send one may also forget to, and would pass as the proxy.
 */
export class ProxyGate {
  readonly #trusted: BlockList
  readonly #letIn: LetIn
  readonly #turnedAway: TurnedAway
  readonly #room = new Anteroom(ANTEROOM_SOCKETS, PROXY_HEADER_MS)

  /** @param trusted addresses of proxies; whoever can open a Unix socket is trusted by its mode. */
  constructor(trusted: BlockList, letIn: LetIn, turnedAway: TurnedAway) {
    this.#trusted = trusted
    this.#letIn = letIn
    this.#turnedAway = turnedAway
  }

  admit(socket: Socket, arrival: Arrival): void {
    const { remoteAddress } = arrival
    if (!this.#trusts(remoteAddress)) {
      return this.#refuse(socket, remoteAddress, 'not the address of a trusted proxy')
    }
    const entered = this.#room.enter(socket, (how) =>
      this.#turnedAway(
        'proxy',
        remoteAddress,
        how === 'late' ? 'no PROXY header in time' : 'gone before it spoke',
      ),
    )
    if (!entered) {
      socket.destroy()
      return this.#turnedAway('crowd', remoteAddress, 'too many proxied connections without a header')
    }
    this.#read(socket, arrival)
  }

  close(): void {
    this.#room.close()
  }

  #trusts(address: string): boolean {
    return address === '' || this.#trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  }

  #read(socket: Socket, arrival: Arrival): void {
    let bytes: Buffer = Buffer.alloc(0)
    // taken out by hand, so that whoever is let in finds a socket that nobody has paused
    const more = (): void => {
      for (let chunk = read(socket); chunk !== null; chunk = read(socket))
        bytes = Buffer.concat([bytes, chunk])
      const header = readProxyHeader(bytes)
      if (header === 'more') return
      socket.off('readable', more)
      socket.off('error', unheard)
      if (!this.#room.leave(socket)) return
      if (header === 'malformed') return this.#refuse(socket, arrival.remoteAddress, 'no PROXY header')
      const rest = bytes.subarray(header.length)
      if (rest.length > 0) socket.unshift(rest)
      this.#letIn(socket, introduced(arrival, header))
    }
    socket.on('readable', more)
    socket.on('error', unheard)
  }

  #refuse(socket: Socket, remoteAddress: string, why: string): void {
    socket.destroy()
    this.#turnedAway('proxy', remoteAddress, why)
  }
}

/** An error ends in `close`, which the room hears. */
function unheard(): void {}

function read(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null
}

function introduced(arrival: Arrival, { remoteAddress, tls }: ProxyHeader): Arrival {
  return { remoteAddress: remoteAddress ?? arrival.remoteAddress, tls }
}
