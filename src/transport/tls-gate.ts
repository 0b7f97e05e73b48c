import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type SecureContext, type Server, type TlsOptions, type TLSSocket } from 'node:tls'
import { Anteroom } from './anteroom.ts'
import { tlsFacts } from './certificate-facts.ts'
import type { Certificates, TlsSettings } from './certificates.ts'
import type { TurnedAway } from './turned-away.ts'
import type { Arrival } from './wire.ts'

/** Whom a gate lets through. */
export type LetIn = (socket: Socket, arrival: Arrival) => void

/**
 * Shakes hands with newcomers, so many at once, each for so long, and lets in whom TLS makes known. Node's
 * server does it without listening: sockets come from the listener, which knows who they are.
 */
export class TlsGate {
  readonly #server: Server
  readonly #certificates: Certificates
  readonly #room: Anteroom
  readonly #letIn: LetIn
  readonly #turnedAway: TurnedAway
  /** Handshakes under way, by their addresses: that is all by which Node's server tells them apart. */
  readonly #arrivals = new Map<string, readonly [Socket, Arrival]>()

  /** @param protocol for clients that negotiate one [RFC 7301]. */
  constructor(
    settings: TlsSettings,
    certificates: Certificates,
    protocol: string,
    letIn: LetIn,
    turnedAway: TurnedAway,
  ) {
    this.#certificates = certificates
    this.#letIn = letIn
    this.#turnedAway = turnedAway
    this.#room = new Anteroom(settings.maxHandshakes, settings.handshakeTimeoutSec * 1000)
    this.#server = createServer(this.#options(settings, protocol))
    this.#server.on('secureConnection', (socket) => this.#secured(socket, settings))
    this.#server.on('tlsClientError', (error, socket) => this.#failed(error, socket))
  }

  #options({ clientCertificate }: TlsSettings, protocol: string): TlsOptions {
    return {
      ...this.#certificates.own,
      ALPNProtocols: [protocol],
      requestCert: clientCertificate !== 'none',
      // judged below: Node would close without a word of what is wrong
      rejectUnauthorized: false,
      SNICallback: (name, done: (error: Error | null, context?: SecureContext) => void) =>
        done(null, this.#certificates.byName(name)),
    }
  }

  admit(socket: Socket, arrival: Arrival): void {
    const { remoteAddress } = arrival
    const key = addressesOf(socket)
    const forget = (): void => void this.#arrivals.delete(key)
    const entered = this.#room.enter(socket, (how) => {
      forget()
      this.#turnedAway(
        'handshake',
        remoteAddress,
        how === 'late' ? 'no TLS handshake in time' : 'gone in the midst of the TLS handshake',
      )
    })
    if (!entered) {
      socket.destroy()
      return this.#turnedAway('crowd', remoteAddress, 'too many TLS handshakes at once')
    }
    this.#arrivals.set(key, [socket, arrival])
    this.#server.emit('connection', socket)
  }

  /** What the next newcomers are shown, and are judged by. */
  renew(): void {
    this.#server.setSecureContext(this.#certificates.own)
  }

  close(): void {
    this.#room.close()
  }

  #secured(socket: TLSSocket, { clientCertificate }: TlsSettings): void {
    const arrival = this.#take(socket)
    if (arrival === undefined) return void socket.destroy()
    const certificate = clientCertificate === 'none' ? undefined : socket.getPeerX509Certificate()
    const objection = objectionTo(socket, certificate, clientCertificate)
    if (objection !== null) {
      socket.destroy()
      return this.#turnedAway('certificate', arrival.remoteAddress, objection)
    }
    const { servername } = socket
    const tls = tlsFacts(certificate, typeof servername === 'string' ? servername : '')
    this.#letIn(socket, { ...arrival, tls })
  }

  #failed(error: Error & { readonly code?: string }, socket: TLSSocket): void {
    const arrival = this.#take(socket)
    socket.destroy()
    // who has reset the connection has no addresses any more: the room sees the end of it
    if (arrival !== undefined)
      this.#turnedAway('handshake', arrival.remoteAddress, error.code ?? error.message)
  }

  /** Out of the room; undefined: whoever it was is lost already. */
  #take(socket: TLSSocket): Arrival | undefined {
    const key = addressesOf(socket)
    const [raw, arrival] = this.#arrivals.get(key) ?? []
    this.#arrivals.delete(key)
    return raw !== undefined && this.#room.leave(raw) ? arrival : undefined
  }
}

/** Null: the client may come in. */
function objectionTo(
  { authorized, authorizationError }: TLSSocket,
  certificate: X509Certificate | undefined,
  clientCertificate: TlsSettings['clientCertificate'],
): string | null {
  if (certificate === undefined) return clientCertificate === 'require' ? 'no certificate' : null
  // who need not show a certificate may not show a false one either
  return authorized ? null : String(authorizationError)
}

function addressesOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`
}
