import type { Realm } from './ports.ts'

/**
 * A client identifier is in use once: whoever comes last has it, the other is told and closed [MQTT-3.1.4-3]
 * [3.1.1 MQTT-3.1.4-2].
 */
export function takeOver(realm: Realm, clientId: string): void {
  realm.sessions.get(clientId)?.link?.takenOver()
}
