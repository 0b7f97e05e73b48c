import { Buffer } from 'node:buffer'
import { Carrier, CARRIERS, ONCE_BITS, Property, VALUE_TYPES, ValueType } from './property.ts'
import { ReasonCode } from './reason-code.ts'
import { topicNameRefusal } from './topic-text.ts'
import { isUtf8String } from './utf8.ts'
import { readVariableByteInteger, variableByteIntegerSize } from './variable-byte-integer.ts'

const EMPTY = Buffer.alloc(0)

/**
 * Walks the properties of a packet one by one, in place and by the table: known, allowed in this packet, not
 * doubled, of its type, within the packet. It allocates nothing, so one cursor serves a hot path for ever.
 *
 * ```
 * cursor.open(buffer, at, end, Carrier.PUBLISH)
 * while (cursor.next()) switch (cursor.property) …
 * if (cursor.refusal !== 0) return cursor.refusal
 * ```
 */
export class PropertyCursor {
  buffer: Buffer = EMPTY

  /** The properties lie in `[start..end)`; `end` is where the packet goes on. */
  start = 0
  end = 0

  /** The property walked last: its identifier, where it begins, and its value without length fields. */
  property = 0
  propertyStart = 0
  valueStart = 0
  valueEnd = 0

  /** The value, if it is a number or a flag. */
  number = 0

  /** A user property is a pair: the name lies in `[nameStart..nameEnd)`, its value as above. */
  nameStart = 0
  nameEnd = 0

  /** The reason code, once a property was refused; 0 while all is well. */
  refusal = 0

  #at = 0
  #carrier = 0
  #seen = 0

  /**
   * Begins with the property length field at `at`, of a packet that ends at `packetEnd`.
   *
   * @returns whether the properties lie within the packet; if not, {@link refusal} is set.
   */
  open(buffer: Buffer, at: number, packetEnd: number, carrier: number): boolean {
    const length = readVariableByteInteger(buffer, at, packetEnd)
    const start = at + variableByteIntegerSize(length)
    if (length < 0 || start + length > packetEnd) {
      this.openContent(buffer, at, at, carrier)
      return this.#refuse(ReasonCode.malformedPacket)
    }
    this.openContent(buffer, start, start + length, carrier)
    return true
  }

  /** Begins with properties whose length is known: `buffer[start..end)`. */
  openContent(buffer: Buffer, start: number, end: number, carrier: number): void {
    this.buffer = buffer
    this.start = start
    this.end = end
    this.refusal = 0
    this.#at = start
    this.#carrier = carrier
    this.#seen = 0
  }

  /** Goes on to the next property. False: there is none, or it is refused. */
  next(): boolean {
    const at = this.#at
    if (at >= this.end) return false
    const property = this.buffer[at] as number
    const carriers = CARRIERS[property] as number
    if (carriers === 0) return this.#refuse(ReasonCode.malformedPacket)
    const once = ONCE_BITS[property] as number
    if ((this.#seen & once) !== 0 && !this.#mayRepeat(property)) return this.#refuse(ReasonCode.protocolError)
    this.#seen |= once
    this.property = property
    this.propertyStart = at
    if (!this.#walkValue(VALUE_TYPES[property] as number, at + 1)) return false
    return (carriers & this.#carrier) !== 0 || this.#refuse(misplaced(this.#carrier))
  }

  /** A message brings the identifiers of all subscriptions that it goes to [MQTT-3.3.4-4]. */
  #mayRepeat(property: number): boolean {
    return property === Property.subscriptionIdentifier && this.#carrier === Carrier.PUBLISH
  }

  /** The text of the property walked last. */
  text(): string {
    return this.buffer.toString('utf8', this.valueStart, this.valueEnd)
  }

  /** The name of the user property walked last. */
  name(): string {
    return this.buffer.toString('utf8', this.nameStart, this.nameEnd)
  }

  /** Whether the text of the property walked last could be a topic name. */
  isTopicName(): boolean {
    const { valueStart, valueEnd } = this
    if (valueStart === valueEnd) return false // [MQTT-4.7.3-1]
    return topicNameRefusal(this.buffer, valueStart, valueEnd) === 0
  }

  /** A copy of the bytes of the property walked last: what is decoded must not keep a chunk alive. */
  bytes(): Buffer {
    return Buffer.from(this.buffer.subarray(this.valueStart, this.valueEnd))
  }

  #walkValue(type: number, at: number): boolean {
    switch (type) {
      case ValueType.flag:
        return this.#walkInteger(at, 1) && (this.number <= 1 || this.#refuse(ReasonCode.protocolError))
      case ValueType.twoByteInteger:
        return this.#walkInteger(at, 2)
      case ValueType.fourByteInteger:
        return this.#walkInteger(at, 4)
      case ValueType.variableByteInteger:
        return this.#walkVariableByteInteger(at)
      case ValueType.binaryData:
        return this.#walkBytes(at)
      case ValueType.utf8StringPair:
        if (!this.#walkText(at)) return false
        this.nameStart = this.valueStart
        this.nameEnd = this.valueEnd
        return this.#walkText(this.#at)
      default:
        return this.#walkText(at)
    }
  }

  #walkInteger(at: number, size: number): boolean {
    if (at + size > this.end) return this.#refuse(ReasonCode.malformedPacket)
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + (this.buffer[at + i] as number)
    return this.#accept(at, at + size, value)
  }

  #walkVariableByteInteger(at: number): boolean {
    const value = readVariableByteInteger(this.buffer, at, this.end)
    if (value < 0) return this.#refuse(ReasonCode.malformedPacket)
    return this.#accept(at, at + variableByteIntegerSize(value), value)
  }

  #walkBytes(at: number): boolean {
    const start = at + 2
    if (start > this.end) return this.#refuse(ReasonCode.malformedPacket)
    const end = start + (((this.buffer[at] as number) << 8) | (this.buffer[at + 1] as number))
    if (end > this.end) return this.#refuse(ReasonCode.malformedPacket)
    return this.#accept(start, end, 0)
  }

  #walkText(at: number): boolean {
    if (!this.#walkBytes(at)) return false
    if (isUtf8String(this.buffer, this.valueStart, this.valueEnd)) return true
    return this.#refuse(ReasonCode.malformedPacket)
  }

  #accept(valueStart: number, valueEnd: number, number: number): true {
    this.valueStart = valueStart
    this.valueEnd = valueEnd
    this.number = number
    this.#at = valueEnd
    return true
  }

  #refuse(reasonCode: number): false {
    this.refusal = reasonCode
    this.#at = this.end
    return false
  }
}

/**
 * With which code a packet is refused that can be parsed, but holds a property of other packets. The standard
 * says both: by its definitions [MQTT 5.0, 1.2] that is a protocol error, by 2.2.2.2 it is malformed. The
 * conformance suites of peers tell the packets apart in this way.
 */
function misplaced(carrier: number): number {
  return (carrier & (Carrier.SUBSCRIBE | Carrier.UNSUBSCRIBE)) === 0
    ? ReasonCode.protocolError
    : ReasonCode.malformedPacket
}
