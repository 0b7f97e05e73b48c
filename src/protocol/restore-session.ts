import type { StoredSession } from '../engine/engine.ts'
import type { Message } from '../codec/message.ts'
import { clientText } from '../hooks/event-text.ts'
import type { Client } from '../session/client.ts'
import { Session } from '../session/session.ts'
import { PendingWill } from '../session/will.ts'
import type { ClientFacts, SessionFacts, WillFacts } from '../session/written.ts'
import { endSession, expireIn, keepSession } from './leave.ts'
import type { Node, Realm } from './ports.ts'
import { fireWill, holdWill } from './publish-will.ts'

/** A session that an earlier process has left, and what is to be done when all of them are there. */
export interface RestoredSession {
  readonly session: Session
  /** Its time goes on, and its will is published that was due, or whose client was there to the last. */
  goOn(): void
}

/** Puts a session back as it was written down: its client is away, and may come back for it. */
export function restoreSession(node: Node, realm: Realm, stored: StoredSession<Message>): RestoredSession {
  const { client: facts, expirySec, maximumQos } = JSON.parse(stored.about) as SessionFacts
  const client = absentClient(node, realm, facts)
  const session = new Session(client, stored.epoch, realm.quotas, realm.queueRoom)
  session.expirySec = expirySec
  session.maximumQos = maximumQos
  session.restore(stored)
  for (const { parsed, options } of session.subscriptions.values()) {
    realm.subscriptions.add(parsed, session, options)
  }
  realm.sessions.set(session.clientId, session)
  node.census.sessions += 1
  return { session, goOn: () => goOn(node, realm, session, stored) }
}

/** Who was connected: what plugins said of it in advance ended with its connection. */
function absentClient(node: Node, realm: Realm, facts: ClientFacts): Client {
  const isSeen = realm.hooks.plugins.length > 0
  const json = isSeen ? clientText(facts) : ''
  const subject = isSeen ? node.subject(json, `client ${facts.principal}`) : null
  // whoever asks about it gets it once more
  subject?.release()
  const standing = realm.hooks.newStanding([], facts, undefined)
  standing.close()
  return Object.freeze({ ...facts, json, subject, standing })
}

function goOn(node: Node, realm: Realm, session: Session, { expiresAt, will }: StoredSession<Message>): void {
  const now = Date.now()
  const pending =
    will === null ? null : restoredWill(session, will.message, JSON.parse(will.how) as WillFacts)
  if (pending !== null) {
    session.restoreWill(pending.will)
    holdOrFire(node, realm, session, pending)
  }
  if (session.expirySec === 0 || expiresAt <= now) endSession(node, realm, session)
  // its client was there when the process ended
  else if (expiresAt === Number.POSITIVE_INFINITY) keepSession(node, realm, session)
  else expireIn(node, realm, session, expiresAt - now)
}

interface RestoredWill {
  readonly will: PendingWill
  /** Absent: its delay has not begun. */
  readonly dueAt: number | undefined
}

function restoredWill(session: Session, message: Message, facts: WillFacts): RestoredWill {
  const { client } = session
  message.publisher = client
  message.origin = session
  const will = new PendingWill(message, client, facts.delaySec, facts.expirySec)
  will.isDeferred = facts.isDeferred
  return { will, dueAt: facts.dueAt }
}

function holdOrFire(node: Node, realm: Realm, session: Session, { will, dueAt }: RestoredWill): void {
  if (dueAt === undefined) fireWill(node, realm, session, will)
  else holdWill(node, realm, session, will, Math.max(0, dueAt - Date.now()))
}
