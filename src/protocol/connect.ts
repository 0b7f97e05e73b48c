import type { Verdict } from '../hooks/verdict.ts'
import type { ConnectPacket, Refusal } from '../codec/packets.ts'
import { parseConnect } from '../codec/parse-connect.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { Authentication, authenticateText } from '../hooks/authentication.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { PLUGIN_PRINCIPAL } from './publish-from-plugin.ts'
import { refusalOf } from './refusal.ts'
import { refuseConnect } from './refuse-connect.ts'
import { isTooLong, startSession } from './start-session.ts'
import { tellPacketReceived, watchSentPackets } from './tell-packets.ts'

/**
 * CONNECT [MQTT 5.0, 3.1]: the packet is checked, its tenant found, its client authenticated; then the
 * session begins. The connection is held meanwhile, so that nothing behind CONNECT is read before the answer.
 */
export function connect(peer: Peer, frame: FrameView): void {
  // [MQTT-3.1.0-2]
  if (peer.state !== 'connecting') return peer.fail(ReasonCode.protocolError, 'a second CONNECT')
  const packet = parseConnect(frame.buffer, frame.firstByte, frame.start, frame.body, frame.end)
  if ('refused' in packet) {
    peer.version = packet.version ?? 4
    if (!answerable(packet)) return peer.fail(packet.refused, packet.detail)
    return refuseConnect(peer, packet.refused, { reason: packet.detail }, packet.detail)
  }
  peer.version = packet.version
  peer.clientId = packet.clientId
  const found = peer.node.resolve(peer.listener, packet.username)
  if (found === null)
    return refuseConnect(peer, ReasonCode.notAuthorized, {}, 'no tenant matches this connection')
  const { realm } = found
  const refusal = refusalBeforeAuthentication(peer, realm, packet)
  if (refusal !== null) return refuseConnect(peer, refusal[0], { reason: refusal[1] }, refusal[1])
  peer.realm = realm
  realm.peers.add(peer)
  peer.connection.owner = realm.name
  peer.connection.maximumPacketSize = Math.min(
    peer.node.mqtt.maximumPacketSize,
    realm.quotas.maximumPacketSize,
  )
  adoptLimits(peer, packet)
  watchSentPackets(peer)
  tellPacketReceived(peer, frame)
  peer.state = 'authenticating'
  peer.connection.hold()
  new PendingConnect(peer, packet, found.username).start(realm)
}

/** A CONNECT whose plugins are being asked. */
class PendingConnect extends Authentication {
  readonly #peer: Peer
  readonly #packet: ConnectPacket
  /** Without the prefix that named the tenant. */
  readonly #username: string | undefined

  constructor(peer: Peer, packet: ConnectPacket, username: string | undefined) {
    super()
    this.#peer = peer
    this.#packet = packet
    this.#username = username
  }

  start(realm: Realm): void {
    if (realm.hooks.authenticate.length === 0) {
      this.#finish(realm.anonymous ? ALLOW : NOBODY_ALLOWED, 'anonymous')
      return
    }
    const peer = this.#peer
    const text = authenticateText(this.#packet, {
      tenant: realm.name,
      listener: peer.listener,
      remoteAddress: peer.connection.remoteAddress,
      clientId: peer.clientId,
      username: this.#username,
    })
    this.ask(realm.hooks, text)
  }

  protected override decided(verdict: Verdict): void {
    this.#finish(verdict, this.#username ?? this.#peer.clientId)
  }

  #finish(verdict: Verdict, principal: string): void {
    const peer = this.#peer
    // the client may be gone by now: nobody is left to be told
    if (peer.state !== 'authenticating') return
    const admitted = verdict.verdict === 'allow' ? (verdict.principal ?? principal) : ''
    // who could pass as a plugin would get what other plugins grant to that plugin
    const isImpostor = admitted.startsWith(PLUGIN_PRINCIPAL)
    if (verdict.verdict === 'allow' && !isImpostor) {
      startSession(peer, this.#packet, this.#username, admitted, verdict, this.given)
      peer.connection.release()
      return
    }
    const refusal = refusalOf(isImpostor ? IMPOSTOR : verdict)
    refuseConnect(peer, refusal.code, refusal, refusal.detail, this.voices)
  }
}

const IMPOSTOR: Verdict = {
  verdict: 'deny',
  code: ReasonCode.notAuthorized,
  note: `principals that begin with ${PLUGIN_PRINCIPAL} are the plugins' own`,
}

/**
 * Before MQTT 5 a malformed CONNECT is closed upon in silence [MQTT-3.1.4-1]: only for these two mistakes has
 * CONNACK a code. Whoever speaks another protocol would not understand any.
 */
function answerable({ version, refused }: Refusal): boolean {
  if (version === undefined || version === 5) return version === 5
  return refused === ReasonCode.unsupportedProtocolVersion || refused === ReasonCode.clientIdentifierNotValid
}

function refusalBeforeAuthentication(
  peer: Peer,
  realm: Realm,
  packet: ConnectPacket,
): readonly [number, string] | null {
  const { mqtt } = peer.node
  // who takes over its own session takes the place of its own connection
  const takesOver = realm.sessions.get(packet.clientId)?.connected === true
  if (realm.peers.size >= realm.quotas.connections && !takesOver) {
    realm.quotaExceeded('connections', null)
    return [ReasonCode.quotaExceeded, 'the tenant has too many connections']
  }
  if (packet.clientId === '') {
    // [MQTT-3.1.3-8]; 3.1.1 allows an empty identifier with Clean Session alone, 3.1 not at all
    const assignable = packet.version === 5 || (packet.version === 4 && packet.cleanStart)
    if (!mqtt.allowZeroLengthClientId || !assignable) {
      return [ReasonCode.clientIdentifierNotValid, 'a client identifier is needed']
    }
    peer.clientId = peer.node.newClientId() // [MQTT-3.1.3-6]
  }
  if (!realm.sessions.has(peer.clientId) && realm.sessions.size >= realm.quotas.sessions) {
    realm.quotaExceeded('sessions', null)
    return [ReasonCode.quotaExceeded, 'the tenant has too many sessions']
  }
  if (packet.authenticationMethod !== undefined) {
    return [ReasonCode.badAuthenticationMethod, 'enhanced authentication is not offered']
  }
  // MQTT 5 is told of the keep alive that it is to have; before it there is no way to say so
  if (packet.version !== 5 && isTooLong(packet.keepAliveSec, mqtt.maxKeepAliveSec)) {
    return [ReasonCode.clientIdentifierNotValid, `the keep alive is above ${mqtt.maxKeepAliveSec} s`]
  }
  if (packet.will === undefined) return null
  if (packet.will.qos > mqtt.maximumQos)
    return [ReasonCode.qosNotSupported, 'the will asks for too high a QoS']
  if (packet.will.retain && !mqtt.retainAvailable) {
    return [ReasonCode.retainNotSupported, 'the will asks to be retained']
  }
  return null
}

function adoptLimits(peer: Peer, packet: ConnectPacket): void {
  peer.receiveMaximum = packet.receiveMaximum
  if (packet.maximumPacketSize > 0) peer.maximumPacketSize = packet.maximumPacketSize
  peer.wantsProblemInformation = packet.requestProblemInformation
}
