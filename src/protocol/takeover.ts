import { ReasonCode } from '../codec/reason-code.ts'
import type { Node, Realm } from './ports.ts'
import type { Peer } from './peer.ts'

/** A client identifier is in use once: whoever comes last has it, the other is told and closed [MQTT-3.1.4-3]. */
export function takeOver(_node: Node, realm: Realm, clientId: string): void {
  const link = realm.sessions.get(clientId)?.link
  if (link == null) return
  ;(link as Peer).end(ReasonCode.sessionTakenOver, 'takeover', { reason: 'taken over by another connection' })
}
