import type { Verdict } from '../hooks/verdict.ts'
import { KEEP_ALIVE_FACTOR } from '../base/limits.ts'
import { createMessage } from '../codec/message.ts'
import type { ConnectPacket } from '../codec/packets.ts'
import { ReasonCode } from '../codec/reason-code.ts'
import { type ConnackProperties, writeConnack } from '../codec/write-packets.ts'
import { redeliver } from '../delivery/drain.ts'
import type { SessionOpener } from '../engine/engine.ts'
import { clientText } from '../hooks/event-text.ts'
import type { Given } from '../hooks/tenant-hooks.ts'
import type { Client } from '../session/client.ts'
import { NEVER_EXPIRES, Session } from '../session/session.ts'
import { PendingWill } from '../session/will.ts'
import { admitWill } from './admit-will.ts'
import { endSession, keepSession, sessionText } from './leave.ts'
import type { Peer } from './peer.ts'
import type { MqttSettings, Realm } from './ports.ts'
import { forgetPendingWill } from './publish-will.ts'
import { type LostSubscription, recheckSubscriptions, tellLost } from './recheck-subscriptions.ts'
import { takeOver } from './takeover.ts'

type Allowed = Extract<Verdict, { verdict: 'allow' }>

/** An admitted client gets its session: a fresh one or the one it left [MQTT-3.1.2-4][MQTT-3.1.2-5]. */
export function startSession(
  peer: Peer,
  packet: ConnectPacket,
  username: string | undefined,
  principal: string,
  allowed: Allowed,
  given: readonly Given[],
): void {
  const { node, realm } = peer
  if (realm === null) return
  const assigned = allowed.session?.assignedClientId
  if (assigned !== undefined) peer.clientId = assigned
  const client = newClient(peer, realm, username, principal, allowed, given)
  admitWill(peer, realm, client, willOf(packet, client, node.mqtt), (will) => {
    takeOver(realm, client.clientId)
    const opening = new Opening(peer, realm, client, packet, allowed, will)
    node.engine.sessions.open(realm.name, client.clientId, packet.cleanStart, opening)
  })
}

function newClient(
  peer: Peer,
  realm: Realm,
  username: string | undefined,
  principal: string,
  allowed: Allowed,
  given: readonly Given[],
): Client {
  const facts = {
    clientId: peer.clientId,
    principal,
    username,
    roles: allowed.roles ?? [],
    attributes: allowed.attributes ?? {},
    protocolVersion: peer.version,
    listener: peer.listener,
    remoteAddress: peer.connection.remoteAddress,
    connectedAt: Date.now(),
  }
  const json = clientText(facts)
  const subject = realm.hooks.plugins.length > 0 ? peer.node.subject(json, sourceOf(realm, facts)) : null
  return Object.freeze({ ...facts, json, subject, standing: realm.hooks.newStanding(given, facts) })
}

/** Who was verified answers for himself; of the others only the address is known. */
function sourceOf(
  realm: Realm,
  { principal, remoteAddress }: Pick<Client, 'principal' | 'remoteAddress'>,
): string {
  return realm.hooks.authenticate.length > 0 ? `client ${principal}` : `address ${remoteAddress}`
}

/** Waits for the engine to hand over the session. */
class Opening implements SessionOpener<Session> {
  readonly #peer: Peer
  readonly #realm: Realm
  readonly #client: Client
  readonly #packet: ConnectPacket
  readonly #allowed: Allowed
  readonly #will: PendingWill | null

  constructor(
    peer: Peer,
    realm: Realm,
    client: Client,
    packet: ConnectPacket,
    allowed: Allowed,
    will: PendingWill | null,
  ) {
    this.#peer = peer
    this.#realm = realm
    this.#client = client
    this.#packet = packet
    this.#allowed = allowed
    this.#will = will
  }

  opened(epoch: number, stored: Session | null): void {
    const { node } = this.#peer
    const realm = this.#realm
    const client = this.#client
    const left = realm.sessions.get(client.clientId)
    // a clean start ends what was there, its waiting will included [MQTT-3.1.2-4]; so does another principal:
    // whoever has guessed a client identifier has not earned what its owner subscribed to
    const own = stored !== null && stored.client.principal === client.principal ? stored : null
    if (left !== undefined && left !== own) endSession(node, realm, left)
    if (this.#peer.state !== 'authenticating') {
      client.subject?.release()
      return
    }
    const session = own ?? new Session(client, epoch, realm.quotas)
    session.epoch = epoch
    node.timers.cancel(session)
    const isAsked = session.subscriptions.size > 0 && realm.hooks.subscribeVoters(client).length > 0
    if (isAsked) void this.#recheck(session, epoch)
    else this.#takeUp(session, own !== null, [])
  }

  /**
   * What the session is subscribed to was allowed to who its client was: plugins are asked about it as it is
   * now, before it gets anything.
   */
  async #recheck(session: Session, epoch: number): Promise<void> {
    const peer = this.#peer
    const { node } = peer
    const realm = this.#realm
    const client = this.#client
    session.arriving = client
    peer.connection.hold()
    // another connection may have come for it meanwhile, or ended it
    const isOwn = (): boolean =>
      session.arriving === client &&
      session.epoch === epoch &&
      realm.sessions.get(client.clientId) === session
    const lost = await recheckSubscriptions(realm, session, client, isOwn)
    if (peer.state === 'authenticating' && isOwn()) this.#takeUp(session, true, lost)
    else {
      client.subject?.release()
      if (isOwn()) {
        session.arriving = null
        keepSession(node, realm, session)
      }
      // whoever comes last has it [MQTT-3.1.4-3]
      peer.takenOver()
    }
    peer.connection.release()
  }

  #takeUp(session: Session, present: boolean, lost: readonly LostSubscription[]): void {
    const { node } = this.#peer
    session.arriving = null
    session.client = this.#client
    forgetPendingWill(node, session) // [MQTT-3.1.3-9]
    this.#realm.sessions.set(session.clientId, session)
    this.#start(session, present)
    tellLost(node, this.#realm, session, lost)
  }

  #start(session: Session, present: boolean): void {
    const peer = this.#peer
    const packet = this.#packet
    session.expirySec = grantedExpiry(packet, this.#realm, this.#allowed)
    session.will = this.#will
    if (session.will !== null) session.will.message.origin = session
    session.link = peer
    peer.session = session
    peer.client = this.#client
    peer.state = 'online'
    const keepAliveSec = startKeepAlive(peer, packet, this.#allowed)
    peer.beginning = { present, cleanStart: packet.cleanStart, keepAliveSec }
    writeConnack(peer.out, {
      sessionPresent: present, // [MQTT-3.2.2-2]
      reasonCode: ReasonCode.success,
      version: peer.version,
      properties: connackProperties(peer, packet, session, keepAliveSec, this.#allowed),
    })
    this.#realm.hooks.tell(
      'onBrokerClientConnected',
      this.#client,
      () => `{"session":${sessionText(session, peer.beginning, session.will)}}`,
    )
    peer.node.observer.connected(this.#client, this.#realm.name)
    redeliver(this.#realm, session, peer)
  }
}

/** Before MQTT 5 a session ends with its connection, or lasts as long as the tenant's quota allows. */
function grantedExpiry(packet: ConnectPacket, realm: Realm, allowed: Allowed): number {
  const asked = packet.sessionExpirySec ?? (packet.cleanStart ? 0 : NEVER_EXPIRES)
  return Math.min(asked, realm.quotas.sessionExpirySec, allowed.session?.sessionExpirySec ?? NEVER_EXPIRES)
}

function willOf(packet: ConnectPacket, client: Client, mqtt: MqttSettings): PendingWill | null {
  const { will } = packet
  if (will === undefined) return null
  const message = createMessage({
    topic: will.topic,
    payload: will.payload,
    qos: will.qos < mqtt.maximumQos ? will.qos : mqtt.maximumQos,
    retain: will.retain, // [MQTT-3.1.2-14]
    properties: will.properties,
    publisher: client,
  })
  return new PendingWill(message, client, will.delaySec, will.expirySec)
}

/** 0 is no keep alive at all, which is longer than any: allowed where every other one is. */
export function isTooLong(keepAliveSec: number, maxKeepAliveSec: number): boolean {
  return keepAliveSec > maxKeepAliveSec || (keepAliveSec === 0 && maxKeepAliveSec < LONGEST_KEEP_ALIVE_SEC)
}

/** What its two bytes can say. */
const LONGEST_KEEP_ALIVE_SEC = 0xffff

/** @returns what the client has to keep, in seconds; 0: it may be silent. */
function startKeepAlive(peer: Peer, packet: ConnectPacket, allowed: Allowed): number {
  const { serverKeepAliveSec, maxKeepAliveSec } = peer.node.mqtt
  let seconds = packet.keepAliveSec
  // only MQTT 5 can be told of another keep alive than it asked for [MQTT-3.1.2-21]
  if (peer.version === 5) {
    seconds = serverKeepAliveSec ?? allowed.session?.keepAliveSec ?? seconds
    if (isTooLong(seconds, maxKeepAliveSec)) seconds = maxKeepAliveSec
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
  allowed: Allowed,
): ConnackProperties | undefined {
  if (peer.version !== 5) return undefined
  const { mqtt } = peer.node
  const maximumPacketSize = Math.min(mqtt.maximumPacketSize, peer.realm?.quotas.maximumPacketSize ?? Infinity)
  return {
    sessionExpiryInterval: session.expirySec === packet.sessionExpirySec ? undefined : session.expirySec,
    receiveMaximum: mqtt.receiveMaximum,
    maximumQoS: mqtt.maximumQos < 2 ? mqtt.maximumQos : undefined, // [MQTT-3.2.2-9]
    retainAvailable: mqtt.retainAvailable ? undefined : false,
    maximumPacketSize,
    assignedClientIdentifier: peer.clientId === packet.clientId ? undefined : peer.clientId, // [MQTT-3.1.3-7]
    topicAliasMaximum: mqtt.topicAliasMaximum > 0 ? mqtt.topicAliasMaximum : undefined,
    serverKeepAlive: keepAliveSec === packet.keepAliveSec ? undefined : keepAliveSec, // [MQTT-3.1.2-21]
    userProperties: allowed.connack?.userProperties,
    responseInformation: packet.requestResponseInformation ? allowed.connack?.responseInformation : undefined,
  }
}
