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
import type { Capabilities, Ctx } from './capabilities.ts'
import type { FromSchema, KnownKeysOnly, OptionsSchema } from './config-schema.ts'
import type {
  AccessDeniedEvent,
  AuthenticateEvent,
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
  PublishEvent,
  QuotaExceededEvent,
  ReceiveEvent,
  RetainedMessageEvent,
  SubscribeEvent,
  TopicFilteringEvent,
  UnsubscribeEvent,
  WillEvent,
} from './events.ts'
import type { AskerName, TellerName } from './hooks.ts'

/** What each hook that asks is told. */
export interface AskerEvents extends Record<AskerName, object> {
  authenticate: AuthenticateEvent
  authorizePublish: PublishEvent
  authorizeSubscribe: SubscribeEvent
  authorizeUnsubscribe: UnsubscribeEvent
  authorizeReceive: ReceiveEvent
  authorizeWill: WillEvent
  topicFiltering: TopicFilteringEvent
  transformMessage: PublishEvent
}

/** What each hook that asks may answer. */
export interface AskerAnswers extends Record<AskerName, unknown> {
  authenticate: AuthenticateAnswer
  authorizePublish: PublishAnswer
  authorizeSubscribe: SubscribeAnswer
  authorizeUnsubscribe: UnsubscribeAnswer
  authorizeReceive: ReceiveAnswer
  authorizeWill: WillAnswer
  topicFiltering: TopicAnswer
  transformMessage: TransformAnswer
}

/** What each hook that tells is told. */
export interface TellerEvents extends Record<TellerName, object> {
  onClose: CloseEvent
  onMqttPacketReceived: PacketEvent
  onMqttPacketSent: PacketEvent
  onBrokerPreStart: BrokerEvent
  onBrokerPostStart: BrokerEvent
  onBrokerPreShutdown: BrokerEvent
  onBrokerPostShutdown: BrokerEvent
  onBrokerClientConnected: ClientConnectedEvent
  onBrokerClientDisconnected: ClientDisconnectedEvent
  onBrokerClientSubscribed: ClientSubscribedEvent
  onBrokerClientUnsubscribed: ClientUnsubscribedEvent
  onBrokerMessageReceived: MessageEvent
  onBrokerMessageBroadcast: MessageEvent
  onBrokerRetainedMessage: RetainedMessageEvent
  onBrokerMessageDropped: MessageDroppedEvent
  onBrokerQuotaExceeded: QuotaExceededEvent
  onBrokerAccessDenied: AccessDeniedEvent
  onPluginFaulted: PluginFaultedEvent
}

/**
 * Askers hold up their packet until they answer; tellers hold up nothing, and what they return is ignored.
 */
export type Hooks<Context> = {
  readonly [Name in AskerName]?: (event: AskerEvents[Name], ctx: Context) => AskerAnswers[Name]
} & {
  readonly [Name in TellerName]?: (event: TellerEvents[Name], ctx: Context) => unknown
}

/** A plugin: its manifest and its hooks. */
export type Plugin<Schema, Asked, For extends 'broker' | 'client'> = {
  /** Default: package.json's name, else the folder's. */
  readonly name?: string
  /** Default: package.json's version, else `0.0.0-dev`. */
  readonly version?: string
  /** The plugin API that this is written for. */
  readonly api?: 1
  /** A client plugin has the two packet hooks alone. */
  readonly for?: For
  /** The schema of the options; absent: the plugin takes none. */
  readonly config?: Schema & KnownKeysOnly<Schema>
  readonly capabilities?: Asked
  /**
   * Runs at each activation (start, upload, restart, wake) before any question. Module variables are a cache:
   * the isolate may be replaced at any moment, and `setup` then runs again.
   */
  readonly setup?: (ctx: Ctx<FromSchema<Schema>, Asked, For>) => unknown
} & Hooks<Ctx<FromSchema<Schema>, Asked, For>>

/** The options of a plugin that declares no schema. */
export interface NoOptions {
  readonly type: 'object'
}

/**
 * Defines a plugin: `export default definePlugin({ … })`. It returns its argument: all that it does is to
 * give `ctx.config` the type of the `config` schema, `ctx` the powers asked for, and each hook its event and
 * its answers.
 */
export function definePlugin<
  const Schema extends OptionsSchema = NoOptions,
  const Asked extends Capabilities = object,
  const For extends 'broker' | 'client' = 'broker',
>(plugin: Plugin<Schema, Asked, For>): Plugin<Schema, Asked, For> {
  return plugin
}
