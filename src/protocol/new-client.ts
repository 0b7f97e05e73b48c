import { clientText } from '../hooks/event-text.ts'
import { Standing } from '../hooks/standing.ts'
import type { Allow } from '../hooks/verdict.ts'
import type { Client } from '../session/client.ts'
import type { Peer } from './peer.ts'
import type { Realm } from './ports.ts'

/** Who a connection's client is, as `authenticate` left it. */
export function newClient(
  peer: Peer,
  realm: Realm,
  username: string | undefined,
  principal: string,
  allowed: Allow,
  connectedAt: number = Date.now(),
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
    connectedAt,
  }
  const json = clientText(facts)
  const subject = realm.hooks.plugins.length > 0 ? peer.node.subject(json, sourceOf(realm, facts)) : null
  return Object.freeze({ ...facts, json, subject, standing: new Standing() })
}

/** Who was verified answers for himself; of the others only the address is known. */
function sourceOf(
  realm: Realm,
  { principal, remoteAddress }: Pick<Client, 'principal' | 'remoteAddress'>,
): string {
  return realm.hooks.authenticate.length > 0 ? `client ${principal}` : `address ${remoteAddress}`
}
