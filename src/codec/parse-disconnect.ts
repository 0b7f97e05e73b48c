import type { Buffer } from 'node:buffer'
import { FieldReader } from './field-reader.ts'
import { PacketType, type ProtocolVersion } from './packet-type.ts'
import type { DisconnectPacket, Refusal } from './packets.ts'
import { Carrier, Property } from './property.ts'
import { clientMaySend, ReasonCode } from './reason-code.ts'

/** Parses a client's DISCONNECT [MQTT 5.0, 3.14], which before MQTT 5.0 has no body. */
export function parseDisconnect(
  buffer: Buffer,
  _firstByte: number,
  _start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
): DisconnectPacket | Refusal {
  const reader = new FieldReader(buffer, body, end, version)
  if (version !== 5 || !reader.more) {
    reader.expectEnd()
    return reader.refusal ?? { reasonCode: ReasonCode.success, userProperties: [] }
  }
  const reasonCode = reader.byte('reason code')
  if (!clientMaySend(PacketType.DISCONNECT, reasonCode)) {
    // [MQTT-3.14.2-1]
    return { refused: ReasonCode.malformedPacket, detail: `reason code ${reasonCode}`, silent: true }
  }
  if (!reader.more) return reader.refusal ?? { reasonCode, userProperties: [] }
  let sessionExpirySec: number | undefined
  let reasonString: string | undefined
  let isServers = false
  const userProperties = reader.properties(Carrier.DISCONNECT, (value) => {
    switch (value.property) {
      case Property.sessionExpiryInterval:
        sessionExpirySec = value.number
        break
      case Property.reasonString:
        reasonString = value.text()
        break
      default:
        isServers = true
    }
  })
  reader.expectEnd()
  if (reader.refusal !== null) return reader.refusal
  // the table lets a DISCONNECT carry a server reference, but only the server has one to tell
  if (isServers) return { refused: ReasonCode.protocolError, detail: 'a server reference', silent: true }
  return {
    reasonCode,
    ...(sessionExpirySec !== undefined && { sessionExpirySec }),
    ...(reasonString !== undefined && { reasonString }),
    userProperties,
  }
}
