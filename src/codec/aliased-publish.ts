import type { ByteSink } from '../base/byte-sink.ts'
import { Property } from './property.ts'
import type { EncodedPublish } from './encode-publish.ts'
import {
  readVariableByteInteger,
  VARIABLE_BYTE_INTEGER_MAX,
  variableByteIntegerSize,
  writeVariableByteInteger,
} from './variable-byte-integer.ts'

const ALIAS_SIZE = 3

/**
 * A PUBLISH of MQTT 5 that one client gets by a topic alias: patched while it is copied, so that the encoded
 * packet stays the one that all others share. One instance serves packet after packet.
 */
export class AliasedPublish {
  /** Of the whole packet as it would be sent, in bytes; Infinity: there is no such packet. */
  size = 0
  #encoded: EncodedPublish | null = null
  #withTopic = false
  #remaining = 0
  #topicAt = 0
  #topicEnd = 0
  #propertySize = 0
  #propertiesAt = 0

  /**
   * Lays the packet out.
   *
   * @param encoded for MQTT 5.
   * @param withTopic the alias is new to the client, so the topic name goes with it.
   */
  begin(encoded: EncodedPublish, withTopic: boolean): void {
    const { bytes, start, end, packetIdAt } = encoded
    this.#encoded = encoded
    this.#withTopic = withTopic
    const length = readVariableByteInteger(bytes, start + 1, end)
    this.#topicAt = start + 1 + variableByteIntegerSize(length)
    const topicSize = ((bytes[this.#topicAt] as number) << 8) | (bytes[this.#topicAt + 1] as number)
    this.#topicEnd = this.#topicAt + 2 + topicSize
    const idSize = packetIdAt < 0 ? 0 : 2
    this.#propertySize = readVariableByteInteger(bytes, this.#topicEnd + idSize, end)
    this.#propertiesAt = this.#topicEnd + idSize + variableByteIntegerSize(this.#propertySize)
    const propertySize = ALIAS_SIZE + this.#propertySize
    const header = 2 + (withTopic ? topicSize : 0) + idSize + variableByteIntegerSize(propertySize)
    this.#remaining = header + ALIAS_SIZE + end - this.#propertiesAt
    const hasLength = this.#remaining <= VARIABLE_BYTE_INTEGER_MAX
    this.size = hasLength ? 1 + variableByteIntegerSize(this.#remaining) + this.#remaining : Infinity
  }

  /** Appends the packet with this alias and this packet id (any, for QoS 0). */
  appendTo(sink: ByteSink, alias: number, packetId: number): void {
    const encoded = this.#encoded
    if (encoded === null) return
    const { bytes, start, end, packetIdAt } = encoded
    let at = sink.reserve(this.size)
    const out = sink.bytes
    out[at++] = bytes[start] as number
    at = writeVariableByteInteger(out, at, this.#remaining)
    if (this.#withTopic) at += bytes.copy(out, at, this.#topicAt, this.#topicEnd)
    else {
      out[at++] = 0
      out[at++] = 0
    }
    if (packetIdAt >= 0) {
      out[at++] = packetId >> 8
      out[at++] = packetId
    }
    at = writeVariableByteInteger(out, at, ALIAS_SIZE + this.#propertySize)
    out[at++] = Property.topicAlias
    out[at++] = alias >> 8
    out[at++] = alias
    bytes.copy(out, at, this.#propertiesAt, end)
  }
}
