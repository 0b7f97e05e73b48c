import type {
  AuthenticateAnswer,
  PublishAnswer,
  ReceiveAnswer,
  SubscribeAnswer,
  TopicAnswer,
  TransformAnswer,
  UnsubscribeAnswer,
  WillAnswer,
} from './answers.ts'
import type {
  AuthenticateEvent,
  PublishEvent,
  ReceiveEvent,
  SubscribeEvent,
  TopicFilteringEvent,
  UnsubscribeEvent,
  WillEvent,
} from './events.ts'

/**
 * The hooks that ask. Each holds up its packet until it answers, and nothing else: no other client waits with
 * it. Any of them may be async, and may say `true`, `false` or `null` for allow, deny and abstain. The lines
 * with an arrow below each example are run as tests: what is asked → what is answered.
 */
export interface Askers<Context> {
  /**
   * Who is this, and may they come in? aMQTT's `authenticate`. Asked of a CONNECT before anything of it is
   * believed, of each step of an enhanced authentication, of a client that authenticates anew, and where an
   * earlier answer has set a time for it (`refreshInMs`): `event.cause` and `event.step` say which.
   *
   * **Sees** what CONNECT said, the address, TLS and WebSocket; the password, and what else of a request
   * proves an identity, with the `password` capability; the will's payload with `payload`.
   *
   * **Answers**
   * - `allow({ … })`: CONNACK 0. `principal`, `roles` and `attributes` are in `event.client` of all other
   *   hooks from now on; `grants` answer in advance; `session` sets limits, `expiresInMs` an end.
   * - `deny('badUserNameOrPassword', 'why')`: CONNACK with the code, and the words for MQTT 5; earlier
   *   versions get the nearest of their return codes. `disconnect(…)` likewise, and nobody outweighs it.
   *   Who is connected already is disconnected.
   * - `{ verdict: 'continue', data }`: one more step of an enhanced authentication, MQTT 5 alone.
   * - `abstain()`: another plugin knows. If all abstain, it is refused.
   *
   * **Several plugins**: any refusal wins; those who allow must agree on the principal, the shortest times
   * and the tightest limits hold, roles add up, and grants stay each plugin's own.
   *
   * **Time and failure**: 5 s for what it awaits (`waitMs.authenticate`). A call that fails is answered by
   * the operator's `onFault`, a refusal unless he chose otherwise. The answer itself is never reused: grants
   * are what lasts.
   *
   * @example
   * ```ts
   * import { allow, definePlugin, deny } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { password: true },
   *   authenticate: ({ username, password }) =>
   *     username !== undefined && new TextDecoder().decode(password) === `${username}-secret`
   *       ? allow({ roles: ['family'], session: { maxQos: 1 } })
   *       : deny('badUserNameOrPassword', 'unknown user or wrong password'),
   * })
   * // { username: 'alice', password: 'alice-secret' } → allow { roles: [family], session: { maxQos: 1 } }
   * // { username: 'alice', password: 'guess' } → deny { code: 0x86, reason: unknown user or wrong password }
   * ```
   */
  readonly authenticate?: (event: AuthenticateEvent, ctx: Context) => AuthenticateAnswer

  /**
   * May this client publish this message? Asked of every PUBLISH, of a will when it is due, of what another
   * plugin publishes, and again of each message that `transformMessage` has changed. Without any plugin that
   * declares it, the tenant's `topicDefault` answers.
   *
   * **Sees** the client, topic, QoS, retain flag and properties; the payload with the `payload` capability.
   *
   * **Answers**
   * - `allow({ maxQos, retain: false })`: it goes on, at no higher QoS, and is not retained.
   * - `deny('notAuthorized', 'why')`: it goes nowhere. MQTT 5 gets the code in PUBACK or PUBREC; earlier
   *   versions an acknowledgement or the end of the connection, as the operator chose (`onRefusedPublish`);
   *   QoS 0 nothing. `deny({ ack: 'silent' })` acknowledges it as if it were delivered.
   * - `disconnect(…)`: neither the message nor the connection lives on; MQTT 5 is told why.
   * - `abstain()`: another plugin knows. If all abstain, it is denied with 0x87.
   *
   * **Several plugins**: disconnect > deny > allow > abstain, in any order; the lowest `maxQos`, the longest
   * `throttleMs`, and any `retain: false` hold.
   *
   * **Not asked** where a grant of this plugin's, or a verdict that it gave with `cacheMs`, has the answer.
   *
   * **Time and failure**: 1 s for what it awaits (`waitMs.authorize`), then `onFault` answers: deny.
   *
   * @example
   * ```ts
   * import { allow, definePlugin, deny } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   authorizePublish: ({ client, topic }) =>
   *     topic.startsWith(`home/${client.principal}/`)
   *       ? allow({ maxQos: 1, cacheMs: 60_000 })
   *       : deny('notAuthorized', 'not your topic'),
   * })
   * // { client: { principal: alice }, topic: home/alice/lamp } → allow { maxQos: 1, cacheMs: 60000 }
   * // { client: { principal: alice }, topic: home/bob/lamp } → deny { code: 0x87, reason: not your topic }
   * ```
   */
  readonly authorizePublish?: (event: PublishEvent, ctx: Context) => PublishAnswer

  /**
   * May this client subscribe to these filters? Asked once of a SUBSCRIBE, about all of its filters; of
   * `ctx.subscribe` of another plugin; of live subscriptions after `ctx.access.invalidate`; and of those of
   * a session that its client takes up again. Without any plugin that declares it, `topicDefault` answers.
   *
   * **Sees** the client and each filter with its options; a shared one without its `$share/NAME/`.
   *
   * **Answers**: one verdict for all filters, or `{ filters: [ … ] }` with one each, in their order.
   * - `allow({ maxQos, noLocal, retainAsPublished, retainHandling })`: subscribed, with these in place of
   *   what was asked for.
   * - `allow({ rewriteTo })`: subscribed to that filter in place of the one asked for. Its wildcards must be
   *   the same in the same order; the client gets its messages, and unsubscribes, by its own names. All
   *   plugins are asked about the new filter again, and must allow it as it is.
   * - `deny('notAuthorized', 'why')`: the code of this filter in SUBACK, 0x80 before MQTT 5; the others go
   *   their own way. `disconnect(…)` ends the connection.
   * - `abstain()`: another plugin knows. If all abstain, it is denied with 0x87.
   *
   * **Several plugins** merge filter by filter as for `authorizePublish`; two different rewrites contradict
   * each other, and deny.
   *
   * **Not asked** about filters that a grant or a remembered verdict (`cacheMs`) of this plugin answers.
   *
   * **Time and failure**: 1 s for what it awaits, then `onFault` answers for all filters: deny.
   *
   * @example
   * ```ts
   * import { allow, definePlugin, deny } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   authorizeSubscribe: ({ client, filters }) => ({
   *     filters: filters.map(({ filter }) => {
   *       const own = `home/${client.principal}/`
   *       if (filter.startsWith('mine/')) return allow({ rewriteTo: filter.replace('mine/', own) })
   *       return filter.startsWith(own) ? allow() : deny('notAuthorized', 'mine/ is yours')
   *     }),
   *   }),
   * })
   * // { client: { principal: alice }, filters: [{ filter: mine/# }, { filter: home/bob/# }] }
   * //   → allow { rewriteTo: home/alice/# }; deny { code: 0x87, reason: mine/ is yours }
   * // { client: { principal: alice }, filters: [{ filter: home/alice/# }] } → allow
   * ```
   */
  readonly authorizeSubscribe?: (event: SubscribeEvent, ctx: Context) => SubscribeAnswer

  /**
   * May this client leave these filters? Asked of an UNSUBSCRIBE; where no plugin declares it, everybody
   * may. A connection that ends, or a session that expires, asks nobody.
   *
   * **Sees** the client and the filters as it wrote them; a shared one without its `$share/NAME/`.
   *
   * **Answers**: one verdict for all filters, or `{ filters: [ … ] }` with one each, in their order.
   * - `allow()`: the subscription ends, and UNSUBACK says 0 (or 0x11: there was none).
   * - `deny('notAuthorized', 'why')`: it stays, and UNSUBACK has the code. Before MQTT 5, UNSUBACK has no
   *   codes: such a client is not told. `disconnect(…)` ends the connection.
   * - `abstain()`: another plugin knows. If all abstain, it is denied with 0x87.
   *
   * **Several plugins** merge filter by filter: disconnect > deny > allow > abstain. Nothing is remembered.
   *
   * **Time and failure**: 1 s for what it awaits, then `onFault` answers: deny.
   *
   * @example
   * ```ts
   * import { allow, definePlugin, deny } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   authorizeUnsubscribe: ({ filters }) => ({
   *     filters: filters.map(({ filter }) =>
   *       filter === 'fleet/recall' ? deny('notAuthorized', 'recalls must reach you') : allow(),
   *     ),
   *   }),
   * })
   * // { filters: [{ filter: fleet/recall }, { filter: news/# }] }
   * //   → deny { code: 0x87, reason: recalls must reach you }; allow
   * ```
   */
  readonly authorizeUnsubscribe?: (event: UnsubscribeEvent, ctx: Context) => UnsubscribeAnswer

  /**
   * Who of these may get this message? Asked before each delivery, once for a batch of up to 256 recipients:
   * of live messages, retained ones, those that waited for a client that was away (`queued`) and those of a
   * shared subscription. Without any plugin that declares it, `topicDefault` answers.
   *
   * **Sees** the message, its publisher if there still is one, and the recipients, each with the filter that
   * brought it the message; the payload with the `payload` capability.
   *
   * **Answers**: one verdict for all, or `{ default, except?, groups? }`, in which recipients are named by
   * their place.
   * - `default: 'allow' | 'deny' | 'abstain'`: for all but `except`. These get the opposite: deny where the
   *   default is allow, else allow.
   * - `groups: [{ targets, patch }]`: who is in one gets the message changed, if it gets it at all: topic,
   *   payload, a lower QoS, properties. What comes of that is asked about once more, where another patch is
   *   a fault.
   * - A denied delivery is silent, for a client has no packet to be told in; it is counted, and `explain`
   *   tells of it.
   *
   * **Several plugins** merge recipient by recipient: deny > allow > abstain. If all abstain, it is denied;
   * so is who would be sent two different changes.
   *
   * **Not asked** about clients whose grants speak of receiving, or of whom a verdict is remembered.
   *
   * **Time and failure**: 1 s for what it awaits, then `onFault` answers for the batch: deny.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   authorizeReceive: ({ message, targets }) => ({
   *     default: 'allow',
   *     except: [...targets.keys()].filter(
   *       (at) => message.topic.startsWith('staff/') && !targets[at]?.client.roles.includes('staff'),
   *     ),
   *   }),
   * })
   * // { message: { topic: staff/rota }, targets: [{ client: { roles: [staff] } }, { client: {} }] }
   * //   → recipients { default: allow, except: [1] }
   * ```
   */
  readonly authorizeReceive?: (event: ReceiveEvent, ctx: Context) => ReceiveAnswer

  /**
   * What becomes of this will? Asked twice: `when: 'connect'`, after `authenticate` and before CONNACK; and
   * `when: 'fire'`, when it is due. Whether it may be published is asked of `authorizePublish` then, with
   * the client that left it, though that may be long gone. Where no plugin declares it, a will is kept.
   *
   * **Sees** the client and the will: topic, QoS, retain flag, its delay; its payload with `payload`.
   *
   * **Answers**
   * - `allow()`, `abstain()`: as it is.
   * - `{ verdict: 'set', will: { … } }`: with these changes.
   * - `{ verdict: 'strip' }`, `{ verdict: 'suppress' }`: the client has no will; it is not published.
   * - `{ verdict: 'defer', delaySec }`: due later, if its session lasts until then, else with its end. Once.
   *   At connect nothing is due yet: there it is a fault.
   * - `deny('topicNameInvalid', 'why')`: at connect CONNACK refuses with the code; when it is due, it is not
   *   published, and plugins hear `onBrokerAccessDenied`.
   *
   * **Several plugins**: deny > strip, suppress > defer (the longest) > set > allow > abstain. Two that
   * change it differently contradict each other: there is none. Nothing is remembered.
   *
   * **Time and failure**: 1 s for what it awaits, then `onFault` answers: deny.
   *
   * @example
   * ```ts
   * import { allow, definePlugin, deny } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   authorizeWill: ({ client, when, will }) => {
   *     if (will.topic !== `lost/${client.clientId}`) return deny('topicNameInvalid', 'wills go below lost/')
   *     if (when === 'connect') return allow()
   *     return { verdict: 'set', will: { properties: { userProperties: [['was', client.principal]] } } }
   *   },
   * })
   * // { client: { clientId: c1 }, will: { topic: lost/c1 } } → allow
   * // { will: { topic: news } } → deny { code: 0x90, reason: wills go below lost/ }
   * // { when: fire, client: { clientId: c1 }, will: { topic: lost/c1 } }
   * //   → set { will: { properties: { userProperties: [[was, c1]] } } }
   * ```
   */
  readonly authorizeWill?: (event: WillEvent, ctx: Context) => WillAnswer

  /**
   * May this client publish to, subscribe to, or receive from this topic? aMQTT's `topic_filtering`: one
   * hook in place of `authorizePublish`, `authorizeSubscribe` and `authorizeReceive`, which see more and are
   * asked in batches. A plugin that has it may not have these three beside it.
   *
   * **Sees** the client, the `action`, and a topic: a name to publish and to receive, a filter to subscribe
   * (asked once a filter, and once a recipient); the QoS.
   *
   * **Answers**: `allow()`, `deny()`, `abstain()`, `disconnect()`; each as those three hooks describe it.
   * Codes are those that PUBACK and SUBACK share. To receive, a code has no packet to travel in, and
   * `disconnect` is a deny.
   *
   * **Several plugins**, **time and failure**: as those three, with which it merges where other plugins have
   * them. Grants and `cacheMs` spare its calls likewise.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   topicFiltering: ({ client, topic, action }) =>
   *     action === 'publish' ? topic.startsWith(`${client.principal}/`) : null,
   * })
   * // { client: { principal: alice }, action: publish, topic: alice/lamp } → allow
   * // { client: { principal: alice }, action: publish, topic: bob/lamp } → deny
   * // { client: { principal: alice }, action: receive, topic: bob/lamp } → abstain
   * ```
   */
  readonly topicFiltering?: (event: TopicFilteringEvent, ctx: Context) => TopicAnswer

  /**
   * What is to become of this message? Asked after `authorizePublish` has allowed it: of a PUBLISH, of a
   * will that is due, of what another plugin publishes. Plugins are asked in the order in which the config
   * names them, and each sees what the one before it has left.
   *
   * **Sees** what `authorizePublish` sees; the payload with the `payload` capability.
   *
   * **Answers**
   * - `{ op: 'pass' }`, `allow()`, `abstain()`: it stays as it is.
   * - `{ op: 'patch', patch: { topic, payload, qos, retain, properties } }`: with these changes. What the
   *   verdict on the original has set (`maxQos`, `retain: false`) holds for what becomes of it.
   * - `{ op: 'replace', with: [ … ] }`: several in its place, each the message with these changes.
   * - `{ op: 'drop' }` refuses it with 0x87; with `ack: 'silent'` it is acknowledged, and goes nowhere.
   * - `deny('payloadFormatInvalid', 'why')`: refused with this code.
   *
   * **What comes out is authorised again**: all plugins' `authorizePublish` is asked about each message that
   * they could tell from the original. If one of them is refused, nothing goes out and the client is told.
   *
   * **Time and failure**: 1 s for what it awaits; a call that fails refuses the message, unless the
   * operator's `onFault` lets it pass. Nothing is remembered.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   transformMessage: ({ client, topic }) => {
   *     if (!topic.startsWith('old/')) return { op: 'pass' }
   *     const properties = { userProperties: [['by', client.principal]] } as const
   *     return { op: 'patch', patch: { topic: `new/${topic.slice(4)}`, properties } }
   *   },
   * })
   * // { client: { principal: alice }, topic: old/lamp }
   * //   → patch { patch: { topic: new/lamp, properties: { userProperties: [[by, alice]] } } }
   * // { topic: new/lamp } → pass
   * ```
   */
  readonly transformMessage?: (event: PublishEvent, ctx: Context) => TransformAnswer
}
