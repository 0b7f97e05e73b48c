import { ReasonCode } from './reason-code.ts'

/** The return codes of CONNACK before MQTT 5.0 [MQTT 3.1.1, 3.2.2.3]. */
export const ConnackReturnCode = {
  accepted: 0,
  unacceptableProtocolVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const

/** A member of {@link ConnackReturnCode}. */
export type ConnackReturnCode = (typeof ConnackReturnCode)[keyof typeof ConnackReturnCode]

/** What a client of MQTT 3.x is told where a client of MQTT 5.0 would get `code`. */
export function connackReturnCode(code: number): ConnackReturnCode {
  switch (code) {
    case ReasonCode.success:
      return ConnackReturnCode.accepted
    case ReasonCode.unsupportedProtocolVersion:
      return ConnackReturnCode.unacceptableProtocolVersion
    case ReasonCode.clientIdentifierNotValid:
      return ConnackReturnCode.identifierRejected
    case ReasonCode.badUserNameOrPassword:
    case ReasonCode.badAuthenticationMethod:
      return ConnackReturnCode.badUserNameOrPassword
    case ReasonCode.serverUnavailable:
    case ReasonCode.serverBusy:
    case ReasonCode.useAnotherServer:
    case ReasonCode.serverMoved:
    case ReasonCode.quotaExceeded:
    case ReasonCode.connectionRateExceeded:
      return ConnackReturnCode.serverUnavailable
    default:
      // the rest has no number of its own: what they share is that this CONNECT is not allowed here
      return ConnackReturnCode.notAuthorized
  }
}
