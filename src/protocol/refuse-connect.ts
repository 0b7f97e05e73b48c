import type { Voice } from '../hooks/voice.ts'
import type { EndWords, Peer } from './peer.ts'

/** Tells the broker and the client why, and ends it [MQTT-3.1.4-2]. */
export function refuseConnect(
  peer: Peer,
  reasonCode: number,
  words: EndWords,
  detail: string,
  voices: readonly Voice[] = [],
): void {
  peer.report({ action: 'connect', reasonCode, detail, reason: words.reason, voices })
  peer.refuse(reasonCode, words)
}
