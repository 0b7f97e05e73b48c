import { askOpinion, type Doubt, type Opinion } from '../hooks/explain.ts'
import { parseFilter } from '../router/topic-filter.ts'
import type { Node, Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'
import { toldOf } from './told.ts'

/** What an operator wants to know of one client. */
export interface Question {
  /** The client identifier. */
  readonly client: string
  readonly action: Doubt['action']
  /** A topic name; for subscribe a topic filter, `$share/NAME/` included. */
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

/** What plugins say to it now, and what the client would be told. */
export interface Explanation extends Opinion {
  readonly principal: string
  readonly connected: boolean
  readonly allowed: boolean
  /** 0 where it is allowed. */
  readonly reasonCode: number
  readonly reason: string
  readonly detail: string
  readonly told: string
}

/** @returns null: the tenant has no session of that client. `invalid`: the topic is none. */
export async function explain(
  node: Pick<Node, 'mqtt'>,
  realm: Realm,
  { client: clientId, action, topic, qos, retain }: Question,
): Promise<Explanation | 'invalid' | null> {
  const session = realm.sessions.get(clientId)
  if (session === undefined) return null
  const parsed = parseFilter(topic)
  if ('refusal' in parsed || (action !== 'subscribe' && /[+#]/.test(topic))) return 'invalid'
  const { client } = session
  const doubt = { action, topic: parsed.filter, qos, retain, share: parsed.shareName }
  const opinion = await askOpinion(realm.hooks, client, doubt)
  const allowed = opinion.verdict.verdict === 'allow'
  const { code, reason, detail } = refusalOf(opinion.verdict)
  const { onRefusedPublish } = node.mqtt
  const told = toldOf({ action, version: client.protocolVersion, qos, onRefusedPublish }, code)
  return {
    ...opinion,
    principal: client.principal,
    connected: session.connected,
    allowed,
    reasonCode: allowed ? 0 : code,
    reason: allowed ? '' : (reason ?? ''),
    detail: allowed ? '' : detail,
    told: allowed ? 'success' : told,
  }
}
