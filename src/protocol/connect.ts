import type { Verdict } from '../hooks/verdict.ts'
import type { ConnectPacket, Refusal } from '../codec/packets.ts'
import { parseConnect } from '../codec/parse-connect.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { authenticateText } from '../hooks/authentication.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { ALLOW } from '../hooks/merge-verdicts.ts'
import { TopicAliases } from '../session/topic-aliases.ts'
import { objectionToAllowed, objectionToConnect } from './admission.ts'
import { AuthExchange } from './auth-exchange.ts'
import type { FrameView } from './frame.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'
import { refuseConnect } from './refuse-connect.ts'
import { startSession } from './start-session.ts'
import { tellPacketReceived, watchSentPackets } from './tell-packets.ts'

/**
 * CONNECT [MQTT 5.0, 3.1]: the packet is checked, its tenant found, its client authenticated; then the
 * session begins. The connection is held meanwhile, so that nothing behind CONNECT is read before the answer.
 */
export function connect(peer: Peer, frame: FrameView): void {
  // [MQTT-3.1.0-2][3.1.1 MQTT-3.1.0-2]; no second one is answered [MQTT-3.2.0-2]
  if (peer.state !== 'connecting') return peer.fail(ReasonCode.protocolError, 'a second CONNECT')
  const packet = parseConnect(frame.buffer, frame.firstByte, frame.start, frame.body, frame.end)
  const { version } = packet
  if (version !== undefined && !peer.mqtt.acceptProtocolVersions.includes(version)) {
    peer.version = version
    // [MQTT-3.1.2-2]
    const detail = `protocol version ${version} is not accepted here`
    return refuseConnect(peer, ReasonCode.unsupportedProtocolVersion, {}, detail)
  }
  if ('refused' in packet) {
    peer.version = packet.version ?? 4
    if (!answerable(packet)) return peer.fail(packet.refused, packet.detail)
    return refuseConnect(peer, packet.refused, {}, packet.detail)
  }
  peer.version = packet.version
  peer.connection.version = packet.version
  peer.clientId = packet.clientId
  adoptLimits(peer, packet)
  const found = peer.node.resolve(peer.connection, peer.listener, packet.username)
  if (found === null)
    return refuseConnect(peer, ReasonCode.notAuthorized, {}, 'no tenant matches this connection')
  const { realm } = found
  const objection = objectionToConnect(peer, realm, packet)
  if (objection !== null)
    return refuseConnect(peer, objection.code, peer.ownWords(objection.reason), objection.detail)
  peer.realm = realm
  realm.peers.add(peer)
  peer.connection.owner = realm.name
  peer.connection.traffic = realm.traffic
  peer.connection.maximumPacketSize = Math.min(peer.mqtt.maximumPacketSize, realm.quotas.maximumPacketSize)
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
    // from here on it is not the client who is waited for
    this.peer.node.timers.cancel(this.peer)
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
    this.end()
    if (verdict.verdict === 'allow') {
      const principal = verdict.principal ?? byDefault
      const objection = objectionToAllowed(peer, realm, principal, verdict)
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

  /** At whichever step of its authentication [MQTT-4.12.0-4]. */
  #refuse(verdict: Verdict): void {
    const refusal = refusalOf(verdict)
    refuseConnect(this.peer, refusal.code, refusal, refusal.detail, this.voices)
  }
}

/**
 * Before MQTT 5 a malformed CONNECT is closed upon [MQTT-3.1.4-1] in silence [3.1.1 MQTT-3.1.4-1]: only for
 * these two mistakes has CONNACK a code [3.1.1 MQTT-3.2.2-6]. Whoever speaks another protocol would not
 * understand any.
 */
function answerable({ version, refused }: Refusal): boolean {
  if (version === undefined || version === 5) return version === 5
  return refused === ReasonCode.unsupportedProtocolVersion || refused === ReasonCode.clientIdentifierNotValid
}

function adoptLimits(peer: Peer, packet: ConnectPacket): void {
  peer.receiveMaximum = packet.receiveMaximum
  if (packet.maximumPacketSize > 0) peer.maximumPacketSize = packet.maximumPacketSize
  if (packet.topicAliasMaximum > 0) peer.topicAliases = new TopicAliases(packet.topicAliasMaximum)
  peer.wantsProblemInformation = packet.requestProblemInformation ?? true
  peer.asksForReasons = packet.requestProblemInformation ?? false
}
