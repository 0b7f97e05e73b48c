import { PacketType } from '../codec/packet-type.ts'
import { ReasonCode, serverMaySend } from '../codec/reason-code.ts'
import { writeConnack } from '../codec/write-packets.ts'
import type { Voice } from '../hooks/voice.ts'
import type { EndWords, Peer } from './peer.ts'

/** CONNACK with the code, and the end [MQTT-3.1.4-2]. */
export function refuseConnect(
  peer: Peer,
  reasonCode: number,
  words: EndWords,
  detail: string,
  voices: readonly Voice[] = [],
): void {
  writeConnack(peer.out, {
    sessionPresent: false, // [MQTT-3.2.2-6]
    // a plugin may disconnect with codes that only DISCONNECT has [MQTT-3.2.2-8]
    reasonCode: serverMaySend(PacketType.CONNACK, reasonCode) ? reasonCode : ReasonCode.unspecifiedError,
    version: peer.version,
    properties: { reasonString: words.reason, userProperties: words.userProperties },
  })
  peer.report({ action: 'connect', reasonCode, detail, reason: words.reason, voices })
  peer.leave('server', reasonCode)
  peer.connection.end()
}
