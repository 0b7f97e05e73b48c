import { askReceive, askSubscribe, type Doubt, type Opinion } from '../hooks/explain.ts'
import type { Action } from '../hooks/inquiry.ts'
import { whyOf } from '../hooks/why.ts'
import { parseFilter } from '../router/topic-filter.ts'
import type { Client } from '../session/client.ts'
import type { MqttSettings, Node, Realm } from './ports.ts'
import { askPublish } from './publish-trial.ts'
import { refusalOf } from './refusal.ts'
import { toldOf } from './told.ts'

/** What an operator wants to know of one client. */
export interface ClientDoubt {
  /** The client identifier. */
  readonly client: string
  readonly action: Action
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
  /** Whose word won, over whose, and why. */
  readonly why: string
  readonly told: string
}

/** @returns null: the tenant has no session of that client. `invalid`: the topic or the action is none. */
export async function explain(
  node: Pick<Node, 'mqtt'>,
  realm: Realm,
  { client: clientId, action, topic, qos, retain }: ClientDoubt,
): Promise<Explanation | 'invalid' | null> {
  // an embedder's program may be no TypeScript, and what is asked is put to plugins as it is
  if (!Object.hasOwn(DOUBTED, action) || typeof topic !== 'string') return 'invalid'
  if (![0, 1, 2].includes(qos) || typeof retain !== 'boolean') return 'invalid'
  const session = realm.sessions.get(clientId)
  if (session === undefined) return null
  const parsed = parseFilter(topic)
  if ('refusal' in parsed || (action !== 'subscribe' && /[+#]/.test(topic))) return 'invalid'
  const { client } = session
  const doubt = { topic: parsed.filter, qos, retain, share: parsed.shareName }
  const opinion = await ask(node.mqtt, realm, client, action, doubt)
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
    why: whyOf(opinion.verdict, opinion.voices),
    told: allowed ? 'success' : toldOf(hearing, code),
  }
}

function ask(
  mqtt: MqttSettings,
  realm: Realm,
  client: Client,
  action: Action,
  doubt: Doubt,
): Promise<Opinion> {
  switch (action) {
    case 'publish':
      return askPublish(mqtt, realm, client, doubt)
    case 'subscribe':
      return askSubscribe(realm.hooks, client, doubt)
    case 'receive':
      return askReceive(realm.hooks, client, doubt)
  }
}

const DOUBTED: Readonly<Record<Action, true>> = { publish: true, subscribe: true, receive: true }
