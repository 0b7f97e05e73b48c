import type { Buffer } from 'node:buffer'
import { FieldReader } from './field-reader.ts'
import { PacketType, type ProtocolVersion } from './packet-type.ts'
import type { AuthPacket, Refusal } from './packets.ts'
import { Carrier, Property } from './property.ts'
import { clientMaySend, ReasonCode } from './reason-code.ts'

/** Parses a client's AUTH [MQTT 5.0, 3.15], which came with MQTT 5.0. */
export function parseAuth(
  buffer: Buffer,
  _firstByte: number,
  _start: number,
  body: number,
  end: number,
  version: ProtocolVersion,
): AuthPacket | Refusal {
  if (version !== 5) return { refused: ReasonCode.protocolError, detail: 'AUTH before MQTT 5.0' }
  const reader = new FieldReader(buffer, body, end, version)
  // an AUTH without a body means success, which is for the server to say
  const reasonCode = reader.more ? reader.byte('reason code') : ReasonCode.success
  if (!clientMaySend(PacketType.AUTH, reasonCode)) {
    reader.refuse(ReasonCode.protocolError, `reason code ${reasonCode}`) // [MQTT-3.15.2-1]
  }
  let authenticationMethod: string | undefined
  let authenticationData: Buffer | undefined
  let reasonString: string | undefined
  const userProperties = reader.properties(Carrier.AUTH, (value) => {
    switch (value.property) {
      case Property.authenticationMethod:
        authenticationMethod = value.text()
        break
      case Property.authenticationData:
        authenticationData = value.bytes()
        break
      case Property.reasonString:
        reasonString = value.text()
        break
    }
  })
  reader.expectEnd()
  if (reader.refusal !== null) return reader.refusal
  return {
    reasonCode,
    ...(authenticationMethod !== undefined && { authenticationMethod }),
    ...(authenticationData !== undefined && { authenticationData }),
    ...(reasonString !== undefined && { reasonString }),
    userProperties,
  }
}
