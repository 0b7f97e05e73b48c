import { Buffer } from 'node:buffer'
import { CONNECT_USER_PROPERTIES, USER_PROPERTIES_PER_PACKET } from '../base/limits.ts'
import type { UserProperties } from './message-properties.ts'
import type { ProtocolVersion } from './packet-type.ts'
import type { Refusal } from './packets.ts'
import { Carrier, Property } from './property.ts'
import { PropertyCursor } from './property-cursor.ts'
import { ReasonCode } from './reason-code.ts'
import { isPlainText, topicFilterRefusal, topicNameRefusal } from './topic-text.ts'
import { isUtf8String } from './utf8.ts'

const EMPTY = Buffer.alloc(0)
const cursor = new PropertyCursor()

/**
 * Reads the fields of a packet one after the other. The first thing that is wrong is kept as {@link refusal};
 * from then on every field reads as empty, so that a parser names its fields in the standard's order and asks
 * once, at the end. It copies what it returns: a packet must not keep the chunk alive that it came in.
 */
export class FieldReader {
  refusal: Refusal | null = null

  readonly #buffer: Buffer
  readonly #end: number
  readonly #version: ProtocolVersion
  #at: number

  constructor(buffer: Buffer, body: number, end: number, version: ProtocolVersion) {
    this.#buffer = buffer
    this.#at = body
    this.#end = end
    this.#version = version
  }

  /** Whether there are bytes left to read; never after a refusal. */
  get more(): boolean {
    return this.#at < this.#end
  }

  /** Bytes that are left to read. */
  get left(): number {
    return this.#end - this.#at
  }

  byte(field: string): number {
    const at = this.#take(1, field)
    return at < 0 ? 0 : (this.#buffer[at] as number)
  }

  twoByteInteger(field: string): number {
    const at = this.#take(2, field)
    return at < 0 ? 0 : this.#buffer.readUInt16BE(at)
  }

  packetId(): number {
    const id = this.twoByteInteger('packet identifier')
    // [3.1.1 MQTT-2.3.1-1]
    if (id === 0) this.refuse(ReasonCode.malformedPacket, 'packet identifier 0') // [MQTT-2.2.1-3]
    return id
  }

  binary(field: string): Buffer {
    const start = this.#takeSized(field)
    return start < 0 ? EMPTY : Buffer.from(this.#buffer.subarray(start, this.#at))
  }

  string(field: string): string {
    return this.#text(field, stringRefusal)
  }

  /** Text that names somebody: it has no control characters, which a server may refuse [MQTT 5.0, 1.5.4]. */
  nameOf(field: string, refused: number): string {
    return this.#text(field, (buffer, start, end) => (isPlainText(buffer, start, end) ? 0 : refused))
  }

  topicName(field: string): string {
    return this.#text(field, topicNameRefusal)
  }

  topicFilter(): string {
    const filter = this.#text('topic filter', topicFilterRefusal)
    // [MQTT-4.7.3-1][3.1.1 MQTT-4.7.3-1]
    if (filter === '') this.refuse(ReasonCode.malformedPacket, 'empty topic filter')
    return filter
  }

  /**
   * Reads the properties, of which there are none before MQTT 5.0: `take` gets them one by one, the user
   * properties are returned in their order.
   */
  properties(carrier: number, take: (value: PropertyCursor) => void): UserProperties {
    const most = carrier === Carrier.CONNECT ? CONNECT_USER_PROPERTIES : USER_PROPERTIES_PER_PACKET
    const userProperties: [string, string][] = []
    if (this.#version !== 5 || this.refusal !== null) return userProperties
    if (cursor.open(this.#buffer, this.#at, this.#end, carrier)) {
      this.#at = cursor.end
      while (cursor.next() && userProperties.length <= most) {
        if (cursor.property === Property.userProperty) userProperties.push([cursor.name(), cursor.text()])
        else take(cursor)
      }
    }
    if (cursor.refusal !== 0) this.refuse(cursor.refusal, 'properties')
    if (userProperties.length > most) {
      this.refuse(ReasonCode.quotaExceeded, 'too many user properties')
    }
    return userProperties
  }

  /** Refuses the packet, unless it is refused already: the first fault is the one that counts. */
  refuse(refused: number, detail: string): void {
    this.refusal ??= { refused, detail }
    this.#at = this.#end
  }

  /** Refuses a packet that goes on after its last field. */
  expectEnd(): void {
    if (this.more) this.refuse(ReasonCode.malformedPacket, 'bytes after the last field')
  }

  #text(field: string, judge: (buffer: Buffer, start: number, end: number) => number): string {
    const start = this.#takeSized(field)
    if (start < 0) return ''
    const end = this.#at
    const refusal = judge(this.#buffer, start, end)
    // with its U+FEFF, wherever that stands [3.1.1 MQTT-1.5.3-3]
    if (refusal === 0) return this.#buffer.toString('utf8', start, end)
    this.refuse(refusal, `${field}: not valid text`)
    return ''
  }

  /** Steps over a field behind its length in two bytes; returns where its bytes start, -1: not there. */
  #takeSized(field: string): number {
    const size = this.twoByteInteger(field)
    return this.refusal === null ? this.#take(size, field) : -1
  }

  #take(size: number, field: string): number {
    const start = this.#at
    if (start + size > this.#end) this.refuse(ReasonCode.malformedPacket, `${field}: cut short`)
    if (this.refusal !== null) return -1
    this.#at = start + size
    return start
  }
}

function stringRefusal(buffer: Buffer, start: number, end: number): number {
  return isUtf8String(buffer, start, end) ? 0 : ReasonCode.malformedPacket
}
