import { ByteSink } from '../base/byte-sink.ts'
import {
  BACKLOG_BYTES,
  LINGER_BYTES,
  LINGER_MS,
  OUT_BYTES_A_TURN,
  END_COST,
  PACKET_COST,
  SINK_KEPT_BYTES,
  SINKS_KEPT,
} from '../base/limits.ts'
import type { Flushable, TickEnd } from '../base/tick-end.ts'
import type { Divisible, WorkTurns } from '../base/work-turns.ts'
import type { Traffic } from '../base/traffic.ts'
import { countSent } from '../codec/count-sent.ts'
import { Framer, FrameStatus } from '../codec/framer.ts'
import { PacketType, type ProtocolVersion } from '../codec/packet-type.ts'
import type { TlsFacts, Upgrade, Wire, WireEvents } from './wire.ts'

/** Who reads a connection: the protocol. */
export interface FrameReader {
  /** One whole frame; the framer's fields say where it lies. The reader may {@link Connection.hold} in it. */
  frame(framer: Framer): void
  /** What came is no MQTT: the standard's reason code, and whether to say it. Nothing more is read. */
  malformed(reasonCode: number, isSilent: boolean): void
  /** The wire is gone. Called once, last. */
  ended(error: Error | null): void
  /** The socket takes bytes again after it was {@link Connection.congested}. */
  relieved(): void
}

/** Output buffers between connections: an idle one holds none. */
const idleSinks: ByteSink[] = []

/**
 * One client's byte stream: reads what is there and hands over frame after frame; gathers what is to leave
 * and writes it once a turn. Bounded both ways: a connection that is held is not read, one that takes nothing
 * is congested. Where the time for reading is used up it holds itself until its turn.
 */
export class Connection implements Flushable, WireEvents, Divisible {
  readonly #framer: Framer
  readonly #tickEnd: TickEnd
  readonly #turns: WorkTurns
  /** On whose account it is read; empty until that is known. */
  owner = ''
  /** Where what comes and goes is counted. */
  traffic: Traffic
  #awaitsTurn = false
  #wire!: Wire
  #reader!: FrameReader
  #closed!: () => void
  #sink: ByteSink | null = null
  #holds = 0
  #reading = false
  #paused = false
  #wasCongested = false
  /** When a whole packet last came, on the monotonic clock in ms: who trickles bytes says nothing. */
  lastPacketAt: number = performance.now()
  /** Sees what leaves, whole packets a call; set where somebody wants to be told. */
  watchWrites: ((bytes: Buffer) => void) | null = null
  /**
   * `open`; `draining`: the wire is gone, but frames that came before are still held; `ending`: our side is
   * closed, what comes is discarded; `gone`.
   */
  #state: 'open' | 'draining' | 'ending' | 'gone' = 'open'
  #wireError: Error | null = null
  #linger: NodeJS.Timeout | null = null
  /** What is still discarded of an ended one. */
  #lingerBytes = 0

  constructor(tickEnd: TickEnd, turns: WorkTurns, maximumPacketSize: number, traffic: Traffic) {
    this.traffic = traffic
    this.#tickEnd = tickEnd
    this.#turns = turns
    this.#framer = new Framer(maximumPacketSize)
  }

  /**
   * Called once, before the first byte. `closed` is called when the wire is gone, after the reader was told.
   */
  open(wire: Wire, reader: FrameReader, closed: () => void): void {
    this.#wire = wire
    this.#reader = reader
    this.#closed = closed
  }

  get remoteAddress(): string {
    return this.#wire.remoteAddress
  }

  get tls(): TlsFacts | null {
    return this.#wire.tls
  }

  get upgrade(): Upgrade | null {
    return this.#wire.upgrade
  }

  /** Largest packet that is still read, in bytes; may shrink once the tenant is known. */
  get maximumPacketSize(): number {
    return this.#framer.maximumPacketSize
  }

  set maximumPacketSize(bytes: number) {
    this.#framer.maximumPacketSize = bytes
  }

  /** The version that the client speaks, once its CONNECT has said so. */
  set version(version: ProtocolVersion) {
    this.#framer.version = version
  }

  /** Where to put what is to leave with this turn's write. */
  get out(): ByteSink {
    const sink = this.#sink
    if (sink === null) {
      this.#tickEnd.add(this)
      return (this.#sink = idleSinks.pop() ?? new ByteSink())
    }
    if (sink.length < OUT_BYTES_A_TURN) return sink
    this.#write(sink)
    return this.#sink ?? (this.#sink = idleSinks.pop() ?? new ByteSink())
  }

  /** The peer reads slower than it is written to. */
  get congested(): boolean {
    return this.#wire.backlog > BACKLOG_BYTES || this.#state !== 'open'
  }

  /** It is not read for now, and not because the peer does not read: that is a hold of its own. */
  get heldBack(): boolean {
    return this.#holds > (this.#wasCongested ? 1 : 0)
  }

  /** Stops reading until {@link release}; holds add up. Frames that have come stay where they are. */
  hold(): void {
    this.#holds += 1
    if (this.#paused) return
    this.#paused = true
    this.#wire.pause()
  }

  release(): void {
    this.#holds -= 1
    if (this.#holds > 0) return
    this.#read()
    if (this.#state === 'draining' && this.#holds === 0 && !this.#reading) this.#finish()
  }

  data(chunk: Buffer): void {
    if (this.#state === 'ending') return this.#discard(chunk.length)
    if (this.#state !== 'open') return
    this.traffic.bytesReceived += chunk.length
    this.#framer.push(chunk)
    this.#read()
  }

  drained(): void {
    if (!this.#wasCongested || this.#state !== 'open' || this.congested) return
    this.#wasCongested = false
    this.#reader.relieved()
    this.release()
  }

  ended(error: Error | null): void {
    if (this.#state === 'gone' || this.#state === 'draining') return
    this.#wireError = error
    // a client's end has consequences as its packets have: its will, the news of it
    if (this.#state === 'open' && this.#holds === 0 && !this.#turns.begin()) this.#waitForTurn()
    if (this.#state !== 'open' || !this.heldBack) return this.#finish()
    // a client may say all it has to say and leave: its packets are read all the same, up to its DISCONNECT
    this.#state = 'draining'
    if (!this.#wasCongested) return
    this.#wasCongested = false
    this.release()
  }

  flush(): void {
    const sink = this.#sink
    if (sink !== null) this.#write(sink)
  }

  /**
   * Writes what is gathered and closes our side: nothing leaves any more [MQTT-3.14.4-1]. What the peer still
   * sends is discarded for a moment, so that the kernel does not reset the stream before it has read why.
   */
  end(): void {
    if (this.#state === 'draining') return this.#finish()
    if (this.#state !== 'open') return
    this.#lingerBytes = this.#sink === null ? LINGER_BYTES.untold : LINGER_BYTES.told
    this.flush()
    this.#state = 'ending'
    this.#wire.resume()
    this.#wire.end()
    this.#linger = setTimeout(() => this.#wire.destroy(), LINGER_MS).unref()
  }

  destroy(): void {
    if (this.#state !== 'gone') this.#wire.destroy()
  }

  #discard(bytes: number): void {
    this.#lingerBytes -= bytes
    if (this.#lingerBytes < 0) this.#wire.destroy()
  }

  /** Its turn to be read has come. */
  goOn(): false {
    this.#awaitsTurn = false
    this.release()
    return false
  }

  /** @returns false: there was no room to wait. */
  #waitForTurn(): boolean {
    if (this.#awaitsTurn || !this.#turns.wait(this.owner, this)) return false
    this.#awaitsTurn = true
    this.hold()
    return true
  }

  #read(): void {
    // a release in the midst of a frame returns here: the loop below goes on by itself
    if (this.#reading) return
    if (this.#holds > 0) return
    if (this.#framer.buffered > 0 && !this.#turns.begin() && this.#waitForTurn()) return
    this.#reading = true
    let hasFrame = false
    while (this.#holds === 0 && (this.#state === 'open' || this.#state === 'draining')) {
      const status = this.#framer.next()
      if (status === FrameStatus.frame) {
        hasFrame = true
        this.#countReceived()
        this.#reader.frame(this.#framer)
        const { start, end, buffered } = this.#framer
        const mayGoOn = this.#turns.spend(PACKET_COST + end - start)
        if (!mayGoOn && buffered > 0) this.#waitForTurn()
      } else {
        if (status === FrameStatus.refused)
          this.#reader.malformed(this.#framer.refusal, this.#framer.isSilent)
        break
      }
    }
    this.#reading = false
    if (hasFrame) this.lastPacketAt = performance.now()
    if (this.#paused && this.#holds === 0 && this.#state === 'open') {
      this.#paused = false
      this.#wire.resume()
    }
  }

  #countReceived(): void {
    const { firstByte, start, end } = this.#framer
    this.traffic.packetsReceived += 1
    if (firstByte >> 4 !== PacketType.PUBLISH) return
    this.traffic.publishesReceived += 1
    this.traffic.publishBytesReceived += end - start
  }

  #finish(): void {
    this.#state = 'gone'
    if (this.#linger !== null) clearTimeout(this.#linger)
    this.#reader.ended(this.#wireError)
    this.#turns.spend(END_COST)
    this.#closed()
  }

  #write(sink: ByteSink): void {
    this.#sink = null
    if (sink.length > 0 && this.#state === 'open') {
      const bytes = sink.bytes.subarray(0, sink.length)
      this.watchWrites?.(bytes)
      countSent(bytes, this.traffic)
      const taken = this.#wire.write(bytes)
      if (this.#wire.backlog > BACKLOG_BYTES) this.#congest()
      if (!taken) return // the buffer is the kernel's until it has been written
    }
    sink.length = 0
    if (sink.bytes.length <= SINK_KEPT_BYTES && idleSinks.length < SINKS_KEPT) idleSinks.push(sink)
  }

  /** A client that does not read is not read either, until its socket drains. */
  #congest(): void {
    if (this.#wasCongested) return
    this.#wasCongested = true
    this.hold()
  }
}
