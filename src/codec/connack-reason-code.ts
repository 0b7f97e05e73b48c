import { PacketType } from './packet-type.ts'
import { ReasonCode, serverMaySend } from './reason-code.ts'

/**
 * The code with which CONNACK refuses. Some reasons to end a connection have a number in DISCONNECT alone
 * [MQTT-3.2.2-8]: before it has begun they go by the number that comes nearest.
 */
export function connackReasonCode(code: number): number {
  if (serverMaySend(PacketType.CONNACK, code)) return code
  switch (code) {
    case ReasonCode.serverShuttingDown:
      return ReasonCode.serverUnavailable
    case ReasonCode.messageRateTooHigh:
      return ReasonCode.connectionRateExceeded
    case ReasonCode.administrativeAction:
    case ReasonCode.maximumConnectTime:
      return ReasonCode.notAuthorized
    default:
      return ReasonCode.unspecifiedError
  }
}
