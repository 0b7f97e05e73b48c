import { END_COST } from '../base/limits.ts'
import type { Steps } from '../base/work-turns.ts'
import { NEVER_EXPIRES, type Session } from '../session/session.ts'
import type { PendingWill } from '../session/will.ts'
import type { Peer, SessionBeginning } from './peer.ts'
import type { EndedBy, Node, Realm } from './ports.ts'
import { fireWill, forgetPendingWill, publishWill } from './publish-will.ts'

/**
 * A connection has ended: the will is published, delayed or dropped, the session waits for its client or
 * ends, and plugins are told why.
 */
export function leave(peer: Peer, by: EndedBy, reasonCode: number, mayPublishWill: boolean): void {
  const { node, realm, session, client } = peer
  if (realm === null || session === null || client === null) return
  peer.session = null
  session.link = null
  // it goes out once, or not at all [3.1.1 MQTT-3.1.2-10]
  const will = session.will
  session.will = null // [MQTT-3.1.2-10]
  // [MQTT-3.1.2-23]
  if (session.expirySec === 0) endSession(node, realm, session)
  else keepSession(node, realm, session)
  // [3.1.1 MQTT-3.1.2-8][3.1.1 MQTT-3.1.2-12]
  const willPublished = will !== null && mayPublishWill
  if (willPublished) fireWill(node, realm, session, will)
  else if (will !== null) {
    session.eraseWill(will)
    realm.wills.release(will)
  }
  const graceful = by === 'client' && reasonCode === 0
  realm.hooks.tell('onBrokerClientDisconnected', client, () => {
    const rest = JSON.stringify({ graceful, reasonCode, by, willPublished }).slice(1)
    return `{"session":${sessionText(session, peer.beginning, will)},${rest}`
  })
  node.observer.disconnected(client, realm.name, reasonCode, by)
  client.standing.close()
  if (session.pendingWill === null) client.subject?.release()
}

/** The session as plugins see it. */
export function sessionText(session: Session, beginning: SessionBeginning, will: PendingWill | null): string {
  return JSON.stringify({
    ...beginning,
    expirySec: session.expirySec,
    will:
      will === null
        ? undefined
        : { topic: will.message.topic, qos: will.message.qos, retain: will.message.retain },
    queued: session.outbound.queued,
    inflight: session.outbound.inflight.size,
  })
}

/**
 * Ends a session: its subscriptions, its queue and what it had under way are gone, and nobody gets it in its
 * place [MQTT-4.8.2-5].
 */
export function endSession(node: Node, realm: Realm, session: Session): void {
  node.timers.cancel(session)
  session.log = null
  session.outbound.leave()
  for (const [filter, { parsed }] of session.subscriptions) {
    realm.subscriptions.remove(parsed, session)
    session.unsubscribe(filter)
  }
  if (realm.sessions.get(session.clientId) === session) {
    realm.sessions.delete(session.clientId)
    node.census.sessions -= 1
  }
  node.engine.sessions.remove(realm.name, session.clientId, session.epoch)
  // a will that still waits goes out with the session [MQTT-3.1.3-9]
  const will = forgetPendingWill(node, session)
  if (will !== null) publishWill(node, realm, will, null)
}

/** The session waits for its client, as long as its expiry interval allows [3.1.1 MQTT-4.1.0-2]. */
export function keepSession(node: Node, realm: Realm, session: Session): void {
  session.describe()
  const forever = session.expirySec === NEVER_EXPIRES
  const expiresAt = forever ? Number.POSITIVE_INFINITY : Date.now() + session.expirySec * 1000
  node.engine.sessions.save(realm.name, session.clientId, session.epoch, session, expiresAt)
  if (!forever) expireIn(node, realm, session, session.expirySec * 1000)
}

/** Ends the session when it has waited so long for its client. */
export function expireIn(node: Node, realm: Realm, session: Session, dueInMs: number): void {
  const { epoch } = session
  session.onExpired = (expired) => realm.turns.run(realm.name, end(expired))
  function* end(expired: Session): Steps {
    // somebody has taken it up before its turn came
    if (expired.epoch !== epoch || expired.armed) return
    realm.traffic.sessionsExpired += 1
    endSession(node, realm, expired) // [MQTT-4.1.0-2]
    yield END_COST
  }
  node.timers.add(session, dueInMs)
}
