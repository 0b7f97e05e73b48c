import type { Allow, Verdict } from '../hooks/verdict.ts'
import type { ConnectPacket, Refusal } from '../codec/packets.ts'
import { parseConnect } from '../codec/parse-connect.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { authenticateText } from '../hooks/authentication.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import { isSystemTopic } from '../router/system-topics.ts'
import { AuthExchange } from './auth-exchange.ts'
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
    return refuseConnect(peer, packet.refused, {}, packet.detail)
  }
  peer.version = packet.version
  peer.clientId = packet.clientId
  adoptLimits(peer, packet)
  const found = peer.node.resolve(peer.connection, peer.listener, packet.username)
  if (found === null)
    return refuseConnect(peer, ReasonCode.notAuthorized, {}, 'no tenant matches this connection')
  const { realm } = found
  const refusal = refusalBeforeAuthentication(peer, realm, packet)
  if (refusal !== null) return refuseConnect(peer, refusal[0], peer.ownWords(refusal[1]), refusal[1])
  peer.realm = realm
  realm.peers.add(peer)
  peer.connection.owner = realm.name
  peer.connection.traffic = realm.traffic
  peer.connection.maximumPacketSize = Math.min(
    peer.node.mqtt.maximumPacketSize,
    realm.quotas.maximumPacketSize,
  )
  watchSentPackets(peer)
  tellPacketReceived(peer, frame)
  peer.state = 'authenticating'
  new PendingConnect(peer, realm, packet, found.username).start()
}

/** A CONNECT whose plugins are being asked, in as many steps as they want. */
class PendingConnect extends AuthExchange {
  readonly #packet: ConnectPacket
  /** Without the prefix that named the tenant. */
  readonly #username: string | undefined

  constructor(peer: Peer, realm: Realm, packet: ConnectPacket, username: string | undefined) {
    const { listener, clientId, connection } = peer
    const { remoteAddress } = connection
    const newcomer = { tenant: realm.name, listener, remoteAddress, clientId, username }
    const occasion = { cause: 'connect', voters: realm.hooks.authenticate, client: null } as const
    super(peer, realm, authenticateText(packet, newcomer, connection), occasion)
    this.#packet = packet
    this.#username = username
  }

  start(): void {
    const { authenticationMethod, authenticationData } = this.#packet
    if (this.realm.hooks.authenticate.length > 0 || authenticationMethod !== undefined) {
      this.peer.authSteps = this
      return this.begin(authenticationData)
    }
    this.asking()
    this.#finish(this.realm.anonymous ? ALLOW : NOBODY_ALLOWED, 'anonymous')
  }

  protected override get isCurrent(): boolean {
    return this.peer.state === 'authenticating'
  }

  protected override asking(): void {
    this.peer.connection.hold()
  }

  protected override waiting(): void {
    this.peer.connection.release()
  }

  protected override finish(verdict: Verdict): void {
    this.#finish(verdict, this.#username ?? this.peer.clientId)
  }

  #finish(verdict: Verdict, byDefault: string): void {
    const { peer, realm } = this
    // the client may be gone by now: nobody is left to be told
    if (!this.isCurrent) return
    peer.authSteps = null
    if (verdict.verdict === 'allow') {
      const principal = verdict.principal ?? byDefault
      const objection = objectionTo(peer, realm, principal, verdict)
      if (objection === null) {
        const { event, given } = this
        const admitted = {
          packet: this.#packet,
          username: this.#username,
          principal,
          allowed: verdict,
          event,
          given,
          isTakenBack: () => this.isTakenBack(verdict),
          askAgain: () => {
            peer.authSteps = this
            // another one may have been assigned, which is not to be told from the client's own
            peer.clientId = event.clientId
            this.askAgain()
          },
        }
        return startSession(peer, realm, admitted)
      }
      return this.#refuse(objection)
    }
    this.#refuse(verdict)
  }

  #refuse(verdict: Verdict): void {
    const refusal = refusalOf(verdict)
    refuseConnect(this.peer, refusal.code, refusal, refusal.detail, this.voices)
  }
}

/** Why the broker does not admit whom plugins do. */
function objectionTo(peer: Peer, realm: Realm, principal: string, { session }: Allow): Verdict | null {
  // who could pass as a plugin would get what other plugins grant to that plugin
  if (principal.startsWith(PLUGIN_PRINCIPAL)) return IMPOSTOR
  const { sessions, quotas } = realm
  const clientId = session?.assignedClientId ?? peer.clientId
  const left = sessions.get(clientId)
  // a client may take what it names itself, its own or not [MQTT-3.1.4-3]; a plugin's slip takes nothing
  if (left !== undefined && left.client.principal !== principal && clientId !== peer.clientId) {
    return NAME_TAKEN
  }
  // others may have come while plugins were asked, and this one may have got another name
  if (left !== undefined || sessions.size < quotas.sessions) return null
  realm.quotaExceeded('sessions', null)
  return TOO_MANY_SESSIONS
}

const NAME_TAKEN: Verdict = {
  verdict: 'deny',
  code: ReasonCode.clientIdentifierNotValid,
  note: "a plugin assigns the client identifier of another principal's session",
}

const TOO_MANY_SESSIONS: Verdict = {
  verdict: 'deny',
  code: ReasonCode.quotaExceeded,
  reason: 'the tenant has too many sessions',
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
  // MQTT 5 is told of the keep alive that it is to have; before it there is no way to say so
  if (packet.version !== 5 && isTooLong(packet.keepAliveSec, mqtt.maxKeepAliveSec)) {
    return [ReasonCode.clientIdentifierNotValid, `the keep alive is above ${mqtt.maxKeepAliveSec} s`]
  }
  if (packet.will === undefined) return null
  if (isSystemTopic(packet.will.topic))
    return [ReasonCode.notAuthorized, 'the will is for a topic of the broker']
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
  peer.wantsProblemInformation = packet.requestProblemInformation ?? true
  peer.asksForReasons = packet.requestProblemInformation ?? false
}
