import { clientText } from '../hooks/event-text.ts'
import type { Given } from '../hooks/authentication.ts'
import { standingOf } from '../hooks/standing.ts'
import type { Allow } from '../hooks/verdict.ts'
import type { Client } from '../session/client.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'

/**
 * Who a connection's client is, as `authenticate` left it.
 *
 * @param given the allows that have become `allowed`: whose grants are whose.
 * @param before who it was until now, where it is renewed.
 */
export function newClient(
  peer: Peer,
  realm: Realm,
  username: string | undefined,
  principal: string,
  allowed: Allow,
  given: readonly Given[],
  before?: Client,
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
    connectedAt: before?.connectedAt ?? Date.now(),
  }
  const isSeen = realm.hooks.plugins.length > 0
  const json = isSeen ? clientText(facts) : ''
  const subject = isSeen ? peer.node.subject(json, sourceOf(realm, facts)) : null
  const standing = realm.hooks.newStanding(given, facts, before && standingOf(before))
  return Object.freeze({ ...facts, json, subject, standing })
}

/** Who was verified answers for himself; of the others only the address is known. */
function sourceOf(
  realm: Realm,
  { principal, remoteAddress }: Pick<Client, 'principal' | 'remoteAddress'>,
): string {
  return realm.hooks.authenticate.length > 0 ? `client ${principal}` : `address ${remoteAddress}`
}
