import { drain } from '../delivery/drain.ts'
import type { Allow } from '../hooks/verdict.ts'
import type { Client } from '../session/client.ts'
import { PendingWill } from '../session/will.ts'
import { ratesOf } from './client-rates.ts'
import { newClient } from './new-client.ts'
import type { Peer } from './peer.ts'

/**
 * The client of a connection is as plugins find it to be now: another set of roles, attributes and grants,
 * and the same principal. Its session goes on; what waits for it is asked about once more.
 */
export function renewClient(peer: Peer, before: Client, allowed: Allow): void {
  const { realm, session } = peer
  if (realm === null || session === null) return
  const { username, principal, connectedAt } = before
  const client = newClient(peer, realm, username, principal, allowed, connectedAt)
  peer.client = client
  session.client = client
  const { will } = session
  if (will !== null) {
    will.message.publisher = client
    session.will = new PendingWill(will.message, client, will.delaySec, will.expirySec)
  }
  peer.rates = ratesOf(allowed.session)
  session.outbound.bound(allowed.session?.queueMax)
  before.subject?.release()
  session.outbound.recheck()
  drain(realm, session)
}
