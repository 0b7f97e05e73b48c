import type { FairTurns } from '../base/fair-turns.ts'
import { NOBODY_ALLOWED } from '../hooks/failure-policy.ts'
import { type AskedFilter, type DecidedFilter, SubscribeQuestion } from '../hooks/subscribe-question.ts'
import type { Voter } from '../hooks/tenant-hooks.ts'
import type { Verdict } from '../hooks/verdict.ts'
import type { Voice } from '../hooks/voice.ts'
import { maySubscribeTo } from '../router/system-topics.ts'
import { type ParsedFilter, parseFilter } from '../router/topic-filter.ts'
import type { Session } from '../session/session.ts'
import { keepSubscription } from './keep-subscription.ts'
import type { Node, Realm } from './ports.ts'
import { refusalOf } from './refusal.ts'
import { sendRetained } from './send-retained.ts'
import { NEIGHBOURS } from './subscribe.ts'
import { unavailableFor } from './unavailable.ts'

/** Null: there is no such session. */
export type Subscribed = { readonly qos: 0 | 1 | 2 } | 'denied' | 'busy' | null

/**
 * Subscribes clients of one tenant for its plugins, as a SUBSCRIBE of the client's would: by the other
 * plugins' leave, within the quotas. Retained messages are sent for a new subscription alone, so that nobody
 * has them sent again and again.
 */
export class PluginSubscriber {
  readonly #node: Node
  readonly #realm: Realm
  readonly #turns: FairTurns

  /** @param turns in which subscribing is done: a filter may match all retained messages of the tenant. */
  constructor(node: Node, realm: Realm, turns: FairTurns) {
    this.#node = node
    this.#realm = realm
    this.#turns = turns
  }

  async subscribe(plugin: string, clientId: string, filter: string, qos: 0 | 1 | 2): Promise<Subscribed> {
    const realm = this.#realm
    const session = realm.sessions.get(clientId)
    if (session === undefined) return null
    const parsed = parseFilter(filter)
    if ('refusal' in parsed || unavailableFor(this.#node.mqtt, parsed) !== null) return 'denied'
    if (!maySubscribeTo(realm.name, parsed.filter)) {
      this.#refused(plugin, session, filter, NEIGHBOURS, [])
      return 'denied'
    }
    const cause = { plugin, hops: 0 }
    const { client } = session
    const voters = realm.hooks.subscribeVoters(client, cause)
    const asked = new AskedSubscription(voters)
    const { verdict, rewritten } =
      voters.length > 0
        ? await asked.decisionOn(session, askedFilter(parsed, qos))
        : { verdict: realm.hooks.byDefault, rewritten: null }
    if (verdict.verdict !== 'allow') {
      this.#refused(plugin, session, filter, verdict, asked.voicesOn(0))
      return 'denied'
    }
    const done = this.#turns.run(realm.name, (): Subscribed => {
      // it has ended meanwhile, or is somebody else's
      if (realm.sessions.get(clientId) !== session || session.client !== client) return null
      const request = { filter, qos, ...PLAIN, subscriptionId: 0 }
      const allowed = { request, parsed: rewritten ?? parsed, verdict }
      const kept = keepSubscription(this.#node, realm, session, allowed, cause)
      if (kept === null) return 'denied'
      if (kept.retained !== null) sendRetained(this.#node, realm, session, [kept.retained])
      return { qos: kept.qos }
    })
    return done ?? 'busy'
  }

  #refused(
    plugin: string,
    { client }: Session,
    filter: string,
    verdict: Verdict,
    voices: readonly Voice[],
  ): void {
    const { code, reason, detail } = refusalOf(verdict)
    this.#node.observer.refused({
      realm: this.#realm.name,
      clientId: client.clientId,
      client,
      remoteAddress: client.remoteAddress,
      version: client.protocolVersion,
      action: 'subscribe',
      topic: filter,
      reasonCode: code,
      reason,
      detail: `filter ${filter}, for the plugin ${plugin}: ${detail}`,
      voices,
      cause: { plugin, hops: 0 },
    })
  }
}

const PLAIN = { noLocal: false, retainAsPublished: false, retainHandling: 1 } as const

function askedFilter({ filter, shareName }: ParsedFilter, qos: 0 | 1 | 2): AskedFilter {
  return { filter, ...(shareName === '' ? {} : { share: shareName }), qos, ...PLAIN }
}

class AskedSubscription extends SubscribeQuestion {
  readonly #answer = Promise.withResolvers<DecidedFilter>()

  constructor(voters: readonly Voter[]) {
    super(voters, 1)
  }

  decisionOn({ client }: Session, asked: AskedFilter): Promise<DecidedFilter> {
    this.ask(client, [asked])
    return this.#answer.promise
  }

  protected override settled([decided]: readonly DecidedFilter[]): void {
    this.#answer.resolve(decided ?? { verdict: NOBODY_ALLOWED, rewritten: null })
  }
}
