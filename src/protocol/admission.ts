import type { ConnectPacket } from '../codec/packets.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import type { Allow, Verdict } from '../hooks/verdict.ts'
import { isSystemTopic } from '../router/system-topics.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { PLUGIN_PRINCIPAL } from './publish-from-plugin.ts'
import { isTooLong } from './start-session.ts'

/** Why a newcomer is not let in: the code that it is told, and the words for the log. */
export interface Objection {
  readonly code: number
  readonly detail: string
  /** What it is told; absent: the code says it, or how full the broker is, which is no tenant's business. */
  readonly reason?: string
}

/** What stands against a CONNECT that no plugin has to be asked for; null: nothing. */
export function objectionToConnect(peer: Peer, realm: Realm, packet: ConnectPacket): Objection | null {
  return (
    objectionToConnection(realm, packet) ??
    objectionToIdentifier(peer, packet) ??
    objectionToSession(peer, realm, peer.clientId) ??
    objectionToStore(peer, realm, packet) ??
    objectionToKeepAlive(peer, packet) ??
    objectionToWill(peer, packet)
  )
}

function objectionToConnection(realm: Realm, { clientId }: ConnectPacket): Objection | null {
  // who takes over its own session takes the place of its own connection
  if (realm.sessions.get(clientId)?.connected === true) return null
  if (realm.peers.size < realm.quotas.connections) return null
  realm.quotaExceeded('connections', null)
  return told(ReasonCode.quotaExceeded, 'the tenant has too many connections')
}

/** An empty one is replaced, where that may be. */
function objectionToIdentifier(
  peer: Peer,
  { clientId, version, cleanStart }: ConnectPacket,
): Objection | null {
  if (clientId !== '') return null
  // [MQTT-3.1.3-8][3.1.1 MQTT-3.1.3-9]; 3.1.1 allows an empty one with Clean Session alone, 3.1 not at all
  const isAssignable = version === 5 || (version === 4 && cleanStart)
  if (!peer.mqtt.allowZeroLengthClientid || !isAssignable) {
    // to MQTT 5 none is what no code is about, and other brokers say so; before it there is one
    const code = version === 5 ? ReasonCode.unspecifiedError : ReasonCode.clientIdentifierNotValid
    return told(code, 'a client identifier is needed')
  }
  peer.clientId = peer.node.newClientId(peer.mqtt.autoIdPrefix) // [MQTT-3.1.3-6][3.1.1 MQTT-3.1.3-6]
  return null
}

/** @param clientId whose session it is to be, which may be there already. */
function objectionToSession({ node, mqtt }: Peer, realm: Realm, clientId: string): Objection | null {
  const { sessions, quotas } = realm
  if (sessions.has(clientId)) return null
  if (sessions.size >= quotas.sessions) {
    realm.quotaExceeded('sessions', null)
    return told(ReasonCode.quotaExceeded, 'the tenant has too many sessions')
  }
  if (node.census.sessions < mqtt.globalMaxClients) return null
  return { code: ReasonCode.serverBusy, detail: `globalMaxClients is ${mqtt.globalMaxClients}` }
}

/** While nothing can be kept nobody comes who has to be. */
function objectionToStore({ node, clientId }: Peer, realm: Realm, packet: ConnectPacket): Objection | null {
  if (!node.engine.stuck) return null
  const { version, cleanStart, sessionExpirySec, will } = packet
  const isKept = version === 5 ? (sessionExpirySec ?? 0) > 0 : !cleanStart
  if (!isKept && will === undefined && !realm.sessions.has(clientId)) return null
  return {
    code: ReasonCode.serverUnavailable,
    detail: 'the store cannot be written, and too much waits for it',
  }
}

function objectionToKeepAlive({ mqtt }: Peer, { version, keepAliveSec }: ConnectPacket): Objection | null {
  // MQTT 5 is told of the keep alive that it is to have; before it there is no way to say so
  if (version === 5 || !isTooLong(keepAliveSec, mqtt.maxKeepalive)) return null
  return told(ReasonCode.clientIdentifierNotValid, `the keep alive is above ${mqtt.maxKeepalive} s`)
}

function objectionToWill({ mqtt }: Peer, { will }: ConnectPacket): Objection | null {
  if (will === undefined) return null
  if (isSystemTopic(will.topic))
    return told(ReasonCode.notAuthorized, 'the will is for a topic of the broker')
  // [MQTT-3.2.2-12]
  if (will.qos > mqtt.maximumQos) return told(ReasonCode.qosNotSupported, 'the will asks for too high a QoS')
  // [MQTT-3.2.2-13]
  if (will.retain && !mqtt.retainAvailable)
    return told(ReasonCode.retainNotSupported, 'the will asks to be retained')
  if (will.payload.length > mqtt.messageSizeLimit)
    return {
      code: ReasonCode.packetTooLarge,
      detail: `the will has more than ${mqtt.messageSizeLimit} bytes`,
    }
  return null
}

function told(code: number, reason: string): Objection {
  return { code, detail: reason, reason }
}

/** Why the broker does not admit whom plugins do; null: it does. */
export function objectionToAllowed(
  peer: Peer,
  realm: Realm,
  principal: string,
  { session }: Allow,
): Verdict | null {
  // who could pass as a plugin would get what other plugins grant to that plugin
  if (principal.startsWith(PLUGIN_PRINCIPAL)) return IMPOSTOR
  const clientId = session?.assignedClientId ?? peer.clientId
  const left = realm.sessions.get(clientId)
  // a client may take what it names itself, its own or not [MQTT-3.1.4-3]; a plugin's slip takes nothing
  if (left !== undefined && left.client.principal !== principal && clientId !== peer.clientId) {
    return NAME_TAKEN
  }
  // others may have come while plugins were asked, and this one may have got another name
  const objection = objectionToSession(peer, realm, clientId)
  if (objection === null) return null
  const { code, detail, reason } = objection
  return { verdict: 'deny', code, ...(reason === undefined ? { note: detail } : { reason }) }
}

const NAME_TAKEN: Verdict = {
  verdict: 'deny',
  code: ReasonCode.clientIdentifierNotValid,
  note: "a plugin assigns the client identifier of another principal's session",
}

const IMPOSTOR: Verdict = {
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  note: `principals that begin with ${PLUGIN_PRINCIPAL} are the plugins' own`,
}
