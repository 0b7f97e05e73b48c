import type { Buffer } from 'node:buffer'
import { FILTERS_PER_PACKET } from '../base/limits.ts'
import { FieldReader } from './field-reader.ts'
import type { ProtocolVersion } from './packet-type.ts'
import type { Refusal, UnsubscribePacket } from './packets.ts'
import { Carrier } from './property.ts'
import { ReasonCode } from './reason-code.ts'

/** Parses UNSUBSCRIBE [MQTT 5.0, 3.10]. */
export function parseUnsubscribe(
  buffer: Buffer,
  _firstByte: number,
  _start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
): UnsubscribePacket | Refusal {
  const reader = new FieldReader(buffer, body, end, version)
  const packetId = reader.packetId()
  const userProperties = reader.properties(Carrier.UNSUBSCRIBE, () => {})
  // [MQTT-3.10.3-2][3.1.1 MQTT-3.10.3-2]
  if (!reader.more) reader.refuse(ReasonCode.malformedPacket, 'no topic filter')
  const filters: string[] = []
  while (reader.more) {
    filters.push(reader.topicFilter()) // [MQTT-3.10.3-1][3.1.1 MQTT-3.10.3-1]
    if (filters.length > FILTERS_PER_PACKET) reader.refuse(ReasonCode.quotaExceeded, 'too many filters')
  }
  return reader.refusal ?? { packetId, userProperties, filters }
}
