import { askOpinion, type Doubt, type Opinion } from '../hooks/explain.ts'
import { parseFilter } from '../router/topic-filter.ts'
import type { Node, Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'
import { toldOf } from './told.ts'

/** What an operator wants to know of one client. */
export interface ClientDoubt {
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

/** @returns null: the tenant has no session of that client. `invalid`: the topic or the action is none. */
export async function explain(
  node: Pick<Node, 'mqtt'>,
  realm: Realm,
  { client: clientId, action, topic, qos, retain }: ClientDoubt,
): Promise<Explanation | 'invalid' | null> {
  const session = realm.sessions.get(clientId)
  if (session === undefined) return null
  if (!Object.hasOwn(DOUBTED, action)) return 'invalid'
  const parsed = parseFilter(topic)
  if ('refusal' in parsed || (action !== 'subscribe' && /[+#]/.test(topic))) return 'invalid'
  const { client } = session
  const doubt = { action, topic: parsed.filter, qos, retain, share: parsed.shareName }
  const opinion = await askOpinion(realm.hooks, client, doubt)
  const allowed = opinion.verdict.verdict === 'allow'
  const { code, reason, detail, heard } = refusalOf(opinion.verdict)
  const { onRefusedPublish } = node.mqtt
  const hearing = { action, version: client.protocolVersion, qos, heard, onRefusedPublish }
  return {
    ...opinion,
    principal: client.principal,
    connected: session.connected,
    allowed,
    reasonCode: allowed ? 0 : code,
    reason: allowed ? '' : (reason ?? ''),
    detail: allowed ? '' : detail,
    told: allowed ? successOf(realm, action) : toldOf(hearing, code),
  }
}

const DOUBTED: Readonly<Record<Doubt['action'], true>> = { publish: true, subscribe: true, receive: true }

/** What plugins make of a message depends on all of it: they are named, and not asked. */
function successOf({ hooks }: Realm, action: Doubt['action']): string {
  const names = action === 'publish' ? hooks.transform.map(({ plugin }) => plugin.name) : []
  if (names.length === 0) return 'success'
  return `success, unless transformMessage (${names.join(', ')}) makes something else of it`
}
