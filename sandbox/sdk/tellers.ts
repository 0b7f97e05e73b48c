import type {
  AccessDeniedEvent,
  BrokerEvent,
  ClientConnectedEvent,
  ClientDisconnectedEvent,
  ClientSubscribedEvent,
  ClientUnsubscribedEvent,
  CloseEvent,
  MessageDroppedEvent,
  MessageEvent,
  PacketEvent,
  PluginFaultedEvent,
  QuotaExceededEvent,
  RetainedMessageEvent,
} from './events.ts'

/**
 * The hooks that tell. Nothing waits for them, and what they return is ignored; a promise is awaited, so that
 * powers may be used until it settles. They wake a plugin that sleeps. Each plugin has a queue of 1024 of
 * them, of which the oldest is dropped and counted. A call that fails harms nothing but its own effects. The
 * lines with an arrow below each example are run as tests: what is told → what the plugin does.
 */
export interface Tellers<Context> {
  /**
   * The plugin's last words; aMQTT's `close()`. Told when the broker stops, and when the isolate is thrown
   * away while it is well: its process goes to sleep, or makes room. Best effort: at most 500 ms, and never
   * after a kill. What must last belongs into `ctx.kv` at once, not here.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * let answered = 0
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   authorizePublish: () => {
   *     answered += 1
   *     return true
   *   },
   *   onClose: (_event, ctx) => ctx.log.info('good-bye', { answered }),
   * })
   * // {} → log: good-bye {"answered":0}
   * ```
   */
  readonly onClose?: (event: CloseEvent, ctx: Context) => unknown

  /**
   * A packet has come from a client (in a plugin `for: 'client'`, from its broker); aMQTT's
   * `on_mqtt_packet_received`. Told of all that are well formed,
   * CONNECT without its password, whatever becomes of them. The payload only with the `payload` capability.
   * A tenant has a share of each turn for these: beyond it they are counted, not told.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { metrics: true },
   *   onMqttPacketReceived: ({ packet }, ctx) => ctx.metrics.count(`received_${packet.cmd}`),
   * })
   * // { packet: { cmd: pingreq } } → count: received_pingreq 1
   * ```
   */
  readonly onMqttPacketReceived?: (event: PacketEvent, ctx: Context) => unknown

  /**
   * A packet is on its way to a client (or from one to its broker); aMQTT's `on_mqtt_packet_sent`. As
   * {@link onMqttPacketReceived}, the other way.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onMqttPacketSent: ({ client, packet }, ctx) => {
   *     if (packet.cmd === 'disconnect') ctx.log.info('sent away', { clientId: client?.clientId ?? '' })
   *   },
   * })
   * // { client: { clientId: c1 }, packet: { cmd: disconnect, reasonCode: 0x87 } }
   * //   → log: sent away {"clientId":"c1"}
   * ```
   */
  readonly onMqttPacketSent?: (event: PacketEvent, ctx: Context) => unknown

  /**
   * The broker is about to listen; aMQTT's `on_broker_pre_start`. `setup` has run by then: unlike this, it
   * runs for every new isolate.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onBrokerPreStart: ({ version }, ctx) => ctx.log.info('a broker starts', { version }),
   * })
   * // { version: 0.1.0 } → log: a broker starts {"version":"0.1.0"}
   * ```
   */
  readonly onBrokerPreStart?: (event: BrokerEvent, ctx: Context) => unknown

  /**
   * The broker listens; aMQTT's `on_broker_post_start`.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { publish: { topics: ['state/broker'] } },
   *   onBrokerPostStart: (_event, ctx) =>
   *     ctx.publish({ topic: 'state/broker', payload: 'up', retain: true }),
   * })
   * // {} → publish: state/broker up
   * ```
   */
  readonly onBrokerPostStart?: (event: BrokerEvent, ctx: Context) => unknown

  /**
   * The broker is about to stop; aMQTT's `on_broker_pre_shutdown`. Nothing waits for it: clients may have
   * been sent away (0x8B) by the time that a plugin hears of it.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onBrokerPreShutdown: ({ version }, ctx) => ctx.log.info('a broker stops', { version }),
   * })
   * // { version: 0.1.0 } → log: a broker stops {"version":"0.1.0"}
   * ```
   */
  readonly onBrokerPreShutdown?: (event: BrokerEvent, ctx: Context) => unknown

  /**
   * The listeners are closed, and no client is there any more; aMQTT's `on_broker_post_shutdown`. `onClose`
   * follows.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onBrokerPostShutdown: (_event, ctx) => ctx.log.info('everybody has gone'),
   * })
   * // {} → log: everybody has gone
   * ```
   */
  readonly onBrokerPostShutdown?: (event: BrokerEvent, ctx: Context) => unknown

  /**
   * A client is in: CONNACK with reason code 0 is on its way. aMQTT's `on_broker_client_connected`. Tells
   * whether an earlier session was there (`session.present`), and how much waits in it.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onBrokerClientConnected: ({ client, session }, ctx) =>
   *     ctx.log.info(session.present ? 'back again' : 'new here', { clientId: client.clientId }),
   * })
   * // { client: { clientId: c1 } } → log: new here {"clientId":"c1"}
   * // { client: { clientId: c1 }, session: { present: true } } → log: back again {"clientId":"c1"}
   * ```
   */
  readonly onBrokerClientConnected?: (event: ClientConnectedEvent, ctx: Context) => unknown

  /**
   * A connection has ended; aMQTT's `on_broker_client_disconnected`. Tells by whom (`client`, `server`,
   * `network`, `takeover`, `plugin`), with which reason code, and whether a will goes out for it. The
   * session may live on: `session.expirySec`.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onBrokerClientDisconnected: ({ client, by, reasonCode, graceful }, ctx) => {
   *     if (!graceful) ctx.log.warn('lost', { clientId: client.clientId, by, reasonCode })
   *   },
   * })
   * // { client: { clientId: c1 }, graceful: false, by: network, reasonCode: 0x80 }
   * //   → log: lost {"clientId":"c1","by":"network","reasonCode":128}
   * ```
   */
  readonly onBrokerClientDisconnected?: (event: ClientDisconnectedEvent, ctx: Context) => unknown

  /**
   * A filter was granted, with the QoS that was; aMQTT's `on_broker_client_subscribed`. Once a filter, also
   * of a subscription that a plugin made (`ctx.subscribe`).
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { metrics: true },
   *   onBrokerClientSubscribed: ({ filter }, ctx) => {
   *     if (filter === '#') ctx.metrics.count('subscribed_to_everything')
   *   },
   * })
   * // { filter: '#' } → count: subscribed_to_everything 1
   * ```
   */
  readonly onBrokerClientSubscribed?: (event: ClientSubscribedEvent, ctx: Context) => unknown

  /**
   * A subscription has ended by UNSUBSCRIBE, or because it was refused when it was asked about again;
   * aMQTT's `on_broker_client_unsubscribed`. Once a filter, as the client wrote it. The end of a session is
   * not told filter by filter.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onBrokerClientUnsubscribed: ({ client, filter }, ctx) =>
   *     ctx.log.info(`${client.clientId} left ${filter}`),
   * })
   * // { client: { clientId: c1 }, filter: news/# } → log: c1 left news/#
   * ```
   */
  readonly onBrokerClientUnsubscribed?: (event: ClientUnsubscribedEvent, ctx: Context) => unknown

  /**
   * A client's message was allowed; aMQTT's `on_broker_message_received`. It is the message as it came,
   * before plugins changed it. A refused one is told by {@link onBrokerAccessDenied}.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { metrics: true, payload: true },
   *   onBrokerMessageReceived: ({ message }, ctx) =>
   *     ctx.metrics.count('bytes_received', message.payload?.length ?? 0),
   * })
   * // { message: { payload: hello } } → count: bytes_received 5
   * ```
   */
  readonly onBrokerMessageReceived?: (event: MessageEvent, ctx: Context) => unknown

  /**
   * A message is handed to the router, and goes to all who may get it; aMQTT's
   * `on_broker_message_broadcast`. Of a client, a will (`client` is who left it), or a plugin (the principal
   * `plugin:NAME`); in its final form. A plugin does not hear of its own.
   *
   * @example
   * ```ts
   * import { definePlugin, text } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { kv: { bytes: 4096 }, log: true, payload: true },
   *   onBrokerMessageBroadcast: async ({ message }, ctx) => {
   *     await ctx.kv.set(`last/${message.topic}`, text(message))
   *     ctx.log.info('kept', { topic: message.topic })
   *   },
   * })
   * // { message: { topic: lamp, payload: on } } → log: kept {"topic":"lamp"}
   * ```
   */
  readonly onBrokerMessageBroadcast?: (event: MessageEvent, ctx: Context) => unknown

  /**
   * A topic's retained message was set, or `cleared` by an empty one; aMQTT's `on_broker_retained_message`.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onBrokerRetainedMessage: ({ message, cleared }, ctx) =>
   *     ctx.log.info(cleared ? 'forgotten' : 'kept', { topic: message.topic }),
   * })
   * // { message: { topic: lamp } } → log: kept {"topic":"lamp"}
   * // { message: { topic: lamp }, cleared: true } → log: forgotten {"topic":"lamp"}
   * ```
   */
  readonly onBrokerRetainedMessage?: (event: RetainedMessageEvent, ctx: Context) => unknown

  /**
   * A message was lost on its way: to one recipient (`client`), because its queue was full, it is slow, the
   * message is too large for it or has expired; or to all, because a plugin dropped it (`transformed`), or
   * kept back a will (`suppressed`). Names the limit that was met, and its value.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onBrokerMessageDropped: ({ client, message, reason, limit }, ctx) =>
   *     ctx.log.warn(`${message.topic}: ${reason}`, { to: client?.clientId ?? '', limit: limit ?? '' }),
   * })
   * // { client: { clientId: c1 }, message: { topic: a }, reason: queue-full, limit: queuedMessages }
   * //   → log: a: queue-full {"to":"c1","limit":"queuedMessages"}
   * ```
   */
  readonly onBrokerMessageDropped?: (event: MessageDroppedEvent, ctx: Context) => unknown

  /**
   * A limit of the tenant's was met, by name and value: messages a second, connections, retained bytes, …
   * and who met it, where it was a client.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { publish: { topics: ['alerts/quota'], perSecond: 1 } },
   *   onBrokerQuotaExceeded: ({ limit, value }, ctx) =>
   *     ctx.publish({ topic: 'alerts/quota', payload: `${limit} is ${value}` }),
   * })
   * // { limit: messagesPerSec, value: 5000 } → publish: alerts/quota messagesPerSec is 5000
   * ```
   */
  readonly onBrokerQuotaExceeded?: (event: QuotaExceededEvent, ctx: Context) => unknown

  /**
   * Somebody was refused something, by a plugin or by the broker itself: to connect, publish, subscribe,
   * unsubscribe, receive, or a will; with the code, and the words that the client got. `bulkhead explain`
   * tells who said so.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { metrics: true, publish: { topics: ['alerts/denied'], perSecond: 10 } },
   *   onBrokerAccessDenied: ({ action, topic, reasonCode }, ctx) => {
   *     ctx.metrics.count('denied')
   *     ctx.publish({ topic: 'alerts/denied', payload: `${action} ${topic ?? ''}: ${reasonCode}` })
   *   },
   * })
   * // { action: publish, topic: a/b, reasonCode: 0x87 }
   * //   → count: denied 1; publish: alerts/denied publish a/b: 135
   * ```
   */
  readonly onBrokerAccessDenied?: (event: AccessDeniedEvent, ctx: Context) => unknown

  /**
   * A call of a plugin of this tenant did not end well: which hook, how (`threw`, `timeout`, `memory`, …),
   * and the sandbox's limit that it met. Faults of this hook itself are not told.
   *
   * @example
   * ```ts
   * import { definePlugin } from 'bulkhead/plugin'
   *
   * export default definePlugin({
   *   capabilities: { log: true },
   *   onPluginFaulted: ({ plugin, hook, outcome }, ctx) => ctx.log.error(`${plugin}.${hook}: ${outcome}`),
   * })
   * // { plugin: gate, hook: authenticate, outcome: timeout } → log: gate.authenticate: timeout
   * ```
   */
  readonly onPluginFaulted?: (event: PluginFaultedEvent, ctx: Context) => unknown
}
