import { drain } from '../delivery/drain.ts'
import type { Given } from '../hooks/authentication.ts'
import type { Allow } from '../hooks/verdict.ts'
import type { Client } from '../session/client.ts'
import type { Session } from '../session/session.ts'
import { PendingWill } from '../session/will.ts'
import { ratesOf } from './client-rates.ts'
import { newClient } from './new-client.ts'
import { offerOf } from './offer.ts'
import type { Peer } from './peer.ts'
import type { Node, Realm } from './ports.ts'
import { limitQos, recheckSubscriptions, tellLost } from './recheck-subscriptions.ts'

/**
 * The client of a connection is as plugins find it to be now: another set of roles, attributes and grants,
 * and the same principal. Its session goes on; what waits for it is asked about once more.
 */
export function renewClient(peer: Peer, before: Client, allowed: Allow, given: readonly Given[]): void {
  const { node, realm, session } = peer
  if (realm === null || session === null) return
  const { username, principal } = before
  const client = newClient(peer, realm, username, principal, allowed, given, before)
  peer.client = client
  session.client = client
  const { will } = session
  if (will !== null) {
    will.message.publisher = client
    session.will = new PendingWill(will.message, client, will.delaySec, will.expirySec)
    realm.wills.release(will)
    realm.wills.keep(session.will)
  }
  adopt(peer, realm, session, allowed)
  before.standing.close()
  before.subject?.release()
  session.outbound.recheck()
  drain(realm, session)
  void recheck(node, realm, session, client)
}

/**
 * The settings that need no word to the client hold from now on. What CONNACK told it stays as it was: there
 * is no packet that would tell it otherwise.
 */
function adopt(peer: Peer, realm: Realm, session: Session, { session: asked }: Allow): void {
  const { maximumQos, sessionExpirySec } = offerOf(peer.mqtt, realm.quotas, asked)
  peer.rates = ratesOf(asked)
  session.outbound.bound(asked?.queueMax)
  limitQos(realm, session, maximumQos)
  peer.offer = { ...peer.offer, sessionExpirySec }
  session.expirySec = Math.min(peer.beginning.expirySec, sessionExpirySec)
}

/** What it is subscribed to was allowed to who it was before. */
async function recheck(node: Node, realm: Realm, session: Session, client: Client): Promise<void> {
  const isOwn = (): boolean => session.client === client && session.connected
  tellLost(node, realm, session, await recheckSubscriptions(realm, session, client, isOwn))
}
