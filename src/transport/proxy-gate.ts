import { BlockList, isIPv6, type Socket } from 'node:net'
import { ANTEROOM_SOCKETS, PROXY_HEADER_MS } from '../base/limits.ts'
import { Anteroom } from './anteroom.ts'
import { type ProxyHeader, readProxyHeader } from './proxy-header.ts'
import type { LetIn } from './tls-gate.ts'
import type { TurnedAway } from './turned-away.ts'
import type { Arrival } from './wire.ts'

/** Through which proxies clients come. */
export interface ProxySettings {
  /**
   * Their addresses, as `ADDRESS` or `ADDRESS/BITS`; whoever can open a Unix socket is trusted by its mode.
   */
  readonly trusted: readonly string[]
  /** What a client must have shown its proxy. */
  readonly require: 'nothing' | 'tls' | 'certificate'
}

/**
 * Reads the header with which a trusted proxy says for whom it speaks. Without one nobody comes in: whoever
 * may send one may also forget to, and would pass as the proxy.
 */
export class ProxyGate {
  readonly #trusted: BlockList
  readonly #require: ProxySettings['require']
  readonly #letIn: LetIn
  readonly #turnedAway: TurnedAway
  readonly #room = new Anteroom(ANTEROOM_SOCKETS, PROXY_HEADER_MS)

  constructor({ trusted, require }: ProxySettings, letIn: LetIn, turnedAway: TurnedAway) {
    this.#trusted = blockList(trusted)
    this.#require = require
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
      this.#introduced(socket, {
        ...arrival,
        ...header,
        remoteAddress: header.remoteAddress ?? arrival.remoteAddress,
      })
    }
    socket.on('readable', more)
    socket.on('error', unheard)
  }

  #introduced(
    socket: Socket,
    { remoteAddress, tls, isCertified }: Arrival & Pick<ProxyHeader, 'isCertified'>,
  ): void {
    if (this.#require !== 'nothing' && tls === null) {
      return this.#refuse(socket, remoteAddress, 'the client came to the proxy without TLS')
    }
    if (this.#require === 'certificate' && !isCertified) {
      socket.destroy()
      return this.#turnedAway('certificate', remoteAddress, 'the proxy verified no certificate of the client')
    }
    this.#letIn(socket, { remoteAddress, tls })
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

function blockList(addresses: readonly string[]): BlockList {
  const list = new BlockList()
  for (const written of addresses) {
    const [address = '', bits] = written.split('/')
    const family = address.includes(':') ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
