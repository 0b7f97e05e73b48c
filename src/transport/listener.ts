import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { BulkheadError, messageOf } from '../base/errors.ts'
import { FileWatch } from '../base/file-watch.ts'
import { DOORWAY, TCP_PROBE_MS, TLS_FILES_LOOK_MS } from '../base/limits.ts'
import { TokenBucket } from '../base/token-bucket.ts'
import { listenOnPath } from '../base/unix-socket.ts'
import { Certificates, type TlsSettings } from './certificates.ts'
import { Doorway, Places } from './doorway.ts'
import { ProxyGate, type ProxySettings } from './proxy-gate.ts'
import { TcpWire } from './tcp-wire.ts'
import { type LetIn, TlsGate } from './tls-gate.ts'
import type { TurnedAway, TurnedAwayWhy } from './turned-away.ts'
import { WebSocketGate } from './websocket-gate.ts'
import { WebSocketWire } from './websocket-wire.ts'
import type { Arrival, Wire, WireEvents } from './wire.ts'

export interface ListenerSettings {
  readonly name: string
  readonly type: 'tcp' | 'ws'
  readonly host: string
  /** 0: the system chooses. */
  readonly port: number
  /** A Unix socket in place of an address, and the permissions of its file. */
  readonly socket: { readonly path: string; readonly mode: number } | undefined
  /** Of upgrade requests; WebSocket only, where there is at least one. */
  readonly paths: readonly string[]
  /** Of the pages whose scripts may connect; undefined: of all. WebSocket only. */
  readonly origins: readonly string[] | undefined
  readonly maxConnections: number
  /** Those of all listeners together. */
  readonly allPlaces: Places
  /** Newcomers; Infinity: as many as come. */
  readonly connectsPerSec: number
  readonly maximumPacketSize: number
  readonly tls: TlsSettings | undefined
  /** Undefined: clients come by themselves. */
  readonly proxies: ProxySettings | undefined
}

/** A newcomer: `attach` connects its wire to whoever is to hear it. */
export type Accept = (attach: (events: WireEvents) => Wire, listener: string) => void

/** Told of what a listener meets. */
export interface ListenerObserver {
  turnedAway(listener: string, why: TurnedAwayWhy, remoteAddress: string, detail: string): void
  /** Its certificates are read anew; with an error, they are as they were. */
  renewed(listener: string, error: string | null): void
}

/** A bound listener. */
export interface Listener {
  readonly name: string
  readonly type: 'tcp' | 'ws'
  /** Of a Unix socket its path. */
  readonly address: string
  /** Of a Unix socket 0. */
  readonly port: number
  /** As a client would be told: `mqtt://127.0.0.1:1883`. */
  readonly url: string
  /** How many connections did not come so far that MQTT could be spoken. */
  readonly turnedAway: Readonly<Record<TurnedAwayWhy, number>>
  /** Reads its certificates anew, for those who come from now on; the observer is told how it went. */
  renew(): void
  /** Accepts no more; connections that are there stay. */
  close(): Promise<void>
}

/** @throws BulkheadError ERR_LISTEN, ERR_TLS */
export async function openListener(
  settings: ListenerSettings,
  accept: Accept,
  observer: ListenerObserver,
): Promise<Listener> {
  const listener = new BoundListener(settings, accept, observer)
  await listener.listen()
  return listener
}

/** Something on the way in that can be closed with those who wait in it. */
interface Gate {
  close(): void
}

class BoundListener implements Listener {
  readonly name: string
  readonly type: 'tcp' | 'ws'
  address = ''
  port = 0
  url = ''
  readonly turnedAway = { full: 0, rate: 0, crowd: 0, proxy: 0, handshake: 0, certificate: 0, upgrade: 0 }
  readonly #settings: ListenerSettings
  readonly #observer: ListenerObserver
  readonly #server: Server
  readonly #doorway: Doorway
  readonly #gates: Gate[] = []
  readonly #connects: TokenBucket
  #renew: () => void = () => undefined

  constructor(settings: ListenerSettings, accept: Accept, observer: ListenerObserver) {
    this.name = settings.name
    this.type = settings.type
    this.#settings = settings
    this.#observer = observer
    this.#connects = new TokenBucket(settings.connectsPerSec)
    // from the last gate to the first: each knows whom it lets in to
    const letIn = this.#proxied(this.#secured(this.#carried(accept)))
    const { maxConnections, allPlaces } = settings
    const places = [new Places(maxConnections), allPlaces]
    this.#doorway = new Doorway(places, DOORWAY.newcomers, DOORWAY.graceMs, {
      letIn: (socket) => this.#came(socket, letIn),
      full: (remoteAddress, most) => this.#turnAway('full', remoteAddress, `more than ${most} connections`),
    })
    this.#gates.push(this.#doorway)
    const probes = { keepAlive: true, keepAliveInitialDelay: TCP_PROBE_MS }
    this.#server = createServer(probes, (socket) => this.#doorway.admit(socket))
  }

  async listen(): Promise<void> {
    const { host, port, socket } = this.#settings
    try {
      if (socket !== undefined) await listenOnPath(this.#server, socket.path, socket.mode)
      else {
        this.#server.listen(port, host)
        await once(this.#server, 'listening')
      }
    } catch (cause) {
      this.#closeGates()
      const where = socket === undefined ? `${host}:${port}: ` : ''
      const what = `listener ${this.name}: cannot listen on ${where}${messageOf(cause)}`
      throw new BulkheadError('ERR_LISTEN', what, { cause })
    }
    // an accept that fails later, for want of file descriptors, costs the newcomer and nobody else
    this.#server.on('error', () => undefined)
    this.#locate(this.#server.address() as AddressInfo | string)
  }

  renew(): void {
    this.#renew()
  }

  async close(): Promise<void> {
    this.#closeGates()
    if (this.#server.listening) this.#server.close()
  }

  #closeGates(): void {
    for (const gate of this.#gates) gate.close()
  }

  #locate(address: AddressInfo | string): void {
    const { type, tls, paths } = this.#settings
    const scheme = `${type === 'tcp' ? 'mqtt' : 'ws'}${tls === undefined ? '' : 's'}`
    if (typeof address === 'string') {
      this.address = address
      this.url = `${scheme}+unix:${address}`
      return
    }
    this.address = address.address
    this.port = address.port
    const host = address.address.includes(':') ? `[${address.address}]` : address.address
    this.url = `${scheme}://${host}:${address.port}${paths[0] ?? ''}`
  }

  #came(socket: Socket, letIn: LetIn): void {
    const { remoteAddress = '' } = socket
    if (this.#connects.spend(1)) return letIn(socket, { remoteAddress, tls: null })
    socket.destroy()
    this.#turnAway('rate', remoteAddress, `more than ${this.#settings.connectsPerSec} connections a second`)
  }

  readonly #turnAway: TurnedAway = (why, remoteAddress, detail) => {
    this.turnedAway[why] += 1
    this.#observer.turnedAway(this.name, why, remoteAddress, detail)
  }

  #carried(accept: Accept): LetIn {
    const { name } = this
    const { type, paths, origins, maximumPacketSize } = this.#settings
    if (type === 'tcp') {
      return (socket, arrival) => accept((events) => new TcpWire(socket, arrival, events), name)
    }
    const gate = new WebSocketGate(
      { paths, origins, maximumPacketSize },
      (socket, request, arrival: Arrival) =>
        accept((events) => new WebSocketWire(socket, request, arrival, events), name),
      (...newcomer) => this.#turnAway(...newcomer),
    )
    this.#gates.push(gate)
    return (socket, arrival) => gate.admit(socket, arrival)
  }

  #secured(letIn: LetIn): LetIn {
    const { name, type, tls } = this.#settings
    if (tls === undefined) return letIn
    const certificates = new Certificates(name, tls)
    const protocol = type === 'tcp' ? 'mqtt' : 'http/1.1'
    const gate = new TlsGate(tls, certificates, protocol, letIn, (...newcomer) => this.#turnAway(...newcomer))
    this.#renew = () => {
      try {
        certificates.reload()
        gate.renew()
        this.#observer.renewed(name, null)
      } catch (error) {
        this.#observer.renewed(name, messageOf(error))
      }
    }
    this.#gates.push(gate, new FileWatch(certificates.files, TLS_FILES_LOOK_MS, () => this.#renew()))
    return (socket, arrival) => gate.admit(socket, arrival)
  }

  #proxied(letIn: LetIn): LetIn {
    const { proxies } = this.#settings
    if (proxies === undefined) return letIn
    const gate = new ProxyGate(proxies, letIn, (...newcomer) => this.#turnAway(...newcomer))
    this.#gates.push(gate)
    return (socket, arrival) => gate.admit(socket, arrival)
  }
}
