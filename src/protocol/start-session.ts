import type { Allow } from '../hooks/verdict.ts'
import { KEEP_ALIVE_FACTOR } from '../base/limits.ts'
import { createMessage, type Message } from '../codec/message.ts'
import type { ConnectPacket } from '../codec/packets.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { type ConnackProperties, writeConnack } from '../codec/write-packets.ts'
import { redeliver } from '../delivery/drain.ts'
import type { SessionLog, SessionOpener } from '../engine/engine.ts'
import type { AuthenticateText, Given } from '../hooks/authentication.ts'
import { standingOf } from '../hooks/standing.ts'
import type { Client } from '../session/client.ts'
import { NEVER_EXPIRES, Session } from '../session/session.ts'
import { PendingWill } from '../session/will.ts'
import { admitWill } from './admit-will.ts'
import { ratesOf } from './client-rates.ts'
import { leaseOf } from './lease.ts'
import { endSession, keepSession, sessionText } from './leave.ts'
import { newClient } from './new-client.ts'
import { offerOf } from './offer.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'
import { forgetPendingWill } from './publish-will.ts'
import { limitQos, type LostSubscription, recheckSubscriptions, tellLost } from './recheck-subscriptions.ts'
import { takeOver } from './takeover.ts'

/** An admitted client: its CONNECT, who it was found to be, and by whose word. */
export interface Admitted {
  readonly packet: ConnectPacket
  /** Without the prefix that named the tenant. */
  readonly username: string | undefined
  readonly principal: string
  readonly allowed: Allow
  /** What plugins were told of it. */
  readonly event: AuthenticateText
  /** The allows that have become {@link allowed}. */
  readonly given: readonly Given[]
  /** Whether plugins have taken back since what they allowed … */
  isTakenBack(): boolean
  /** … which they are then asked about once more. */
  askAgain(): void
}

/**
 * An admitted client gets its session: a fresh one or the one it left [MQTT-3.1.2-4][MQTT-3.1.2-5]. The
 * connection, which is held until then, is released.
 */
export function startSession(peer: Peer, realm: Realm, admitted: Admitted): void {
  const { packet, username, principal, allowed, given } = admitted
  const { node } = peer
  peer.clientId = allowed.session?.assignedClientId ?? peer.clientId
  peer.offer = offerOf(peer.mqtt, realm.quotas, allowed.session)
  const client = newClient(peer, realm, username, principal, allowed, given)
  admitWill(peer, realm, client, willOf(packet, client, peer.offer.maximumQos), (will) => {
    if (admitted.isTakenBack()) {
      client.subject?.release()
      return admitted.askAgain()
    }
    takeOver(realm, client.clientId)
    const opening = new Opening(peer, realm, client, admitted, will)
    node.engine.sessions.open(realm.name, client.clientId, packet.cleanStart, opening)
  })
}

/** Waits for the engine to hand over the session. */
class Opening implements SessionOpener<Message, Session> {
  readonly #peer: Peer
  readonly #realm: Realm
  readonly #client: Client
  readonly #admitted: Admitted
  readonly #will: PendingWill | null

  constructor(peer: Peer, realm: Realm, client: Client, admitted: Admitted, will: PendingWill | null) {
    this.#peer = peer
    this.#realm = realm
    this.#client = client
    this.#admitted = admitted
    this.#will = will
  }

  opened(epoch: number, stored: Session | null, log: SessionLog<Message> | null): void {
    const { node } = this.#peer
    const realm = this.#realm
    const client = this.#client
    const left = realm.sessions.get(client.clientId)
    // what was granted may have been taken back while the will was asked about
    standingOf(client).forgetOutdated(client.clientId)
    // a clean start ends what was there, its waiting will included [MQTT-3.1.2-4][MQTT-3.1.4-4]; so does
    // another principal: whoever has guessed a client identifier has not earned what its owner subscribed to
    const own = stored !== null && stored.client.principal === client.principal ? stored : null
    // [3.1.1 MQTT-3.1.2-4][3.1.1 MQTT-3.1.4-3]
    if (left !== undefined && left !== own) endSession(node, realm, left)
    if (own === null) log?.clear()
    if (this.#peer.state !== 'authenticating') return this.#giveUp()
    // [3.1.1 MQTT-3.2.2-1][3.1.1 MQTT-3.2.2-2][3.1.1 MQTT-3.2.2-3]: what is taken up is what CONNACK tells of
    // [MQTT-3.1.2-5][MQTT-3.1.2-6]
    const session = own ?? new Session(client, epoch, realm.quotas, realm.queueRoom)
    session.log = log
    session.epoch = epoch
    node.timers.cancel(session) // [MQTT-4.1.0-1]
    const isAsked = session.subscriptions.size > 0 && realm.hooks.subscribeVoters(client).length > 0
    if (isAsked) void this.#recheck(session)
    else this.#takeUp(session, own !== null, [])
  }

  /**
   * What the session is subscribed to was allowed to who its client was: plugins are asked about it as it is
   * now, before it gets anything.
   */
  async #recheck(session: Session): Promise<void> {
    const realm = this.#realm
    const client = this.#client
    session.arriving = client
    const lost = await recheckSubscriptions(realm, session, client, () => this.#isOwn(session))
    if (this.#mayGoOn(session)) this.#takeUp(session, true, lost)
  }

  /** Whether the session is still this connection's to be taken up: else it is left to wait, or to others. */
  #mayGoOn(session: Session): boolean {
    const peer = this.#peer
    const isOwn = this.#isOwn(session)
    if (peer.state === 'authenticating' && isOwn) return true
    this.#giveUp()
    if (isOwn) {
      session.arriving = null
      keepSession(peer.node, this.#realm, session)
    }
    // whoever comes last has it [MQTT-3.1.4-3]
    peer.takenOver()
    return false
  }

  /** Another connection may have come for it meanwhile, or ended it. */
  #isOwn(session: Session): boolean {
    const client = this.#client
    return session.arriving === client && this.#realm.sessions.get(client.clientId) === session
  }

  /** Its client is gone, or has lost the session to another. */
  #giveUp(): void {
    this.#client.subject?.release()
    if (this.#will !== null) this.#realm.wills.release(this.#will)
  }

  #takeUp(session: Session, present: boolean, lost: readonly LostSubscription[]): void {
    const { node } = this.#peer
    const { sessions } = this.#realm
    session.arriving = this.#client
    session.client = this.#client
    const waiting = forgetPendingWill(node, session) // [MQTT-3.1.3-9]
    if (waiting !== null) this.#realm.wills.release(waiting)
    if (!sessions.has(session.clientId)) node.census.sessions += 1
    sessions.set(session.clientId, session)
    this.#adopt(session, present)
    session.describe()
    if (this.#will === null) session.eraseWill(session.writtenWill)
    else session.writeWill(this.#will)
    // what CONNACK says of the session is to be true after a crash as well
    session.whenDescribed(() => {
      if (!this.#mayGoOn(session)) return
      session.arriving = null
      this.#start(session, present)
      tellLost(node, this.#realm, session, lost)
    })
  }

  #start(session: Session, present: boolean): void {
    const peer = this.#peer
    const realm = this.#realm
    const { packet, allowed } = this.#admitted
    session.will = this.#will // [MQTT-3.1.2-7]
    if (session.will !== null) session.will.message.origin = session
    session.link = peer
    peer.session = session
    peer.client = this.#client
    peer.state = 'online'
    const keepAliveSec = startKeepAlive(peer, packet, allowed)
    const { expirySec } = session
    peer.beginning = { present, cleanStart: packet.cleanStart, keepAliveSec, expirySec }
    peer.lease = leaseOf(peer, realm, this.#admitted.event, allowed, this.#admitted.given)
    // [3.1.1 MQTT-3.1.4-4], before all that waits in the session [MQTT-3.2.0-1][3.1.1 MQTT-3.2.0-1]
    const isTold = writeConnack(peer.out, {
      sessionPresent: present, // [MQTT-3.2.2-2][MQTT-3.2.2-3]
      reasonCode: ReasonCode.success, // [MQTT-3.1.4-5]
      version: peer.version,
      properties: connackProperties(peer, packet, session, keepAliveSec, allowed),
      maximumPacketSize: peer.maximumPacketSize,
    })
    realm.hooks.tell(
      'onBrokerClientConnected',
      this.#client,
      () => `{"session":${sessionText(session, peer.beginning, session.will)}}`,
    )
    peer.node.observer.connected(this.#client, realm.name)
    if (!isTold) return this.#endUnheard()
    redeliver(realm, session, peer)
    if (allowed.throttleMs !== undefined) peer.throttle(allowed.throttleMs)
    peer.connection.release()
  }

  /** Its client takes no packet as large as its CONNACK, and there is none before it: it hears no word. */
  #endUnheard(): void {
    const peer = this.#peer
    const reasonCode = ReasonCode.packetTooLarge
    peer.report({ action: 'connect', reasonCode, detail: 'CONNACK is larger than the client takes' })
    peer.leave('server', reasonCode, false)
    peer.connection.end()
  }

  /** What is offered to this client holds from here on, for its session as well as for its connection. */
  #adopt(session: Session, present: boolean): void {
    const peer = this.#peer
    const realm = this.#realm
    const { packet, allowed } = this.#admitted
    const { offer } = peer
    peer.rates = ratesOf(allowed.session)
    peer.connection.maximumPacketSize = offer.maximumPacketSize
    limitQos(realm, session, offer.maximumQos)
    session.outbound.bound(allowed.session?.queueMax)
    // before MQTT 5 a session ends with its connection, or lasts as long as it may
    // [3.1.1 MQTT-3.1.2-6]
    const wanted = packet.sessionExpirySec ?? (packet.cleanStart ? 0 : NEVER_EXPIRES)
    session.expirySec = Math.min(wanted, offer.sessionExpirySec)
    // what ends with its connection is not written down, unless it was before; but its will is owed to others
    if (session.expirySec > 0 || present) return
    if (this.#will === null) session.log = null
    else session.logWillAlone()
  }
}

function willOf(packet: ConnectPacket, client: Client, maximumQos: 0 | 1 | 2): PendingWill | null {
  const { will } = packet
  if (will === undefined) return null
  const message = createMessage({
    topic: will.topic,
    payload: will.payload,
    qos: will.qos < maximumQos ? will.qos : maximumQos,
    // [3.1.1 MQTT-3.1.2-16][3.1.1 MQTT-3.1.2-17]
    retain: will.retain, // [MQTT-3.1.2-14][MQTT-3.1.2-15]
    properties: will.properties,
    publisher: client,
  })
  return new PendingWill(message, client, will.delaySec, will.expirySec)
}

/** 0 is no keep alive at all, which is longer than any: allowed where every other one is. */
export function isTooLong(keepAliveSec: number, maxKeepalive: number): boolean {
  return keepAliveSec > maxKeepalive || (keepAliveSec === 0 && maxKeepalive < LONGEST_KEEP_ALIVE_SEC)
}

/** What its two bytes can say. */
const LONGEST_KEEP_ALIVE_SEC = 0xffff

/** @returns what the client has to keep, in seconds; 0: it may be silent. */
function startKeepAlive(peer: Peer, packet: ConnectPacket, allowed: Allow): number {
  const { serverKeepAlive, maxKeepalive } = peer.mqtt
  let seconds = packet.keepAliveSec // [MQTT-3.2.2-22]
  // only MQTT 5 can be told of another keep alive than it asked for [MQTT-3.1.2-21][MQTT-3.2.2-21]
  if (peer.version === 5) {
    seconds = serverKeepAlive ?? allowed.session?.keepAliveSec ?? seconds
    if (isTooLong(seconds, maxKeepalive)) seconds = maxKeepalive
  }
  peer.keepAliveMs = seconds * 1000 * KEEP_ALIVE_FACTOR
  if (seconds > 0) peer.node.timers.add(peer, peer.keepAliveMs)
  else peer.node.timers.cancel(peer)
  return seconds
}

function connackProperties(
  peer: Peer,
  packet: ConnectPacket,
  session: Session,
  keepAliveSec: number,
  allowed: Allow,
): ConnackProperties | undefined {
  if (peer.version !== 5) return undefined
  const { mqtt } = peer
  const { receiveMaximum, maximumQos, maximumPacketSize, topicAliasMaximum } = peer.offer
  // in this order peers have them, whose conformance suites compare bytes
  return {
    serverKeepAlive: keepAliveSec === packet.keepAliveSec ? undefined : keepAliveSec, // [MQTT-3.1.2-21]
    topicAliasMaximum: topicAliasMaximum > 0 ? topicAliasMaximum : undefined,
    // [MQTT-3.1.3-7][MQTT-3.2.2-16]
    assignedClientIdentifier: peer.clientId === packet.clientId ? undefined : peer.clientId,
    sessionExpiryInterval: session.expirySec === packet.sessionExpirySec ? undefined : session.expirySec,
    authenticationMethod: packet.authenticationMethod, // [MQTT-4.12.0-5][MQTT-4.12.0-6]
    authenticationData: packet.authenticationMethod === undefined ? undefined : allowed.authData,
    userProperties: allowed.connack?.userProperties,
    // [MQTT-3.1.2-28]
    responseInformation: packet.requestResponseInformation ? allowed.connack?.responseInformation : undefined,
    wildcardSubscriptionAvailable: unlessAvailable(mqtt.wildcardSubscriptionAvailable),
    subscriptionIdentifiersAvailable: unlessAvailable(mqtt.subscriptionIdentifiersAvailable),
    sharedSubscriptionAvailable: unlessAvailable(mqtt.sharedSubscriptionAvailable),
    retainAvailable: unlessAvailable(mqtt.retainAvailable),
    maximumPacketSize,
    receiveMaximum,
    maximumQoS: maximumQos < 2 ? maximumQos : undefined, // [MQTT-3.2.2-9]
  }
}

/** CONNACK names only what is missing: all that it does not name is there. */
function unlessAvailable(isAvailable: boolean): false | undefined {
  return isAvailable ? undefined : false
}
