import { ReasonCode } from '../codec/reason-code.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'

/**
 * AUTH [MQTT 5.0, 3.15]: belongs to enhanced authentication, which no CONNECT is granted; so none may come
 * [MQTT-4.12.0-6].
 */
export function auth(peer: Peer, _frame: FrameView): void {
  peer.fail(ReasonCode.protocolError, 'AUTH without an authentication method')
}
