/**
 * What `bulkhead/plugin` gives an author: `definePlugin`, the verdicts, the payload readers, and the types of
 * all that a plugin is told and may answer. It imports nothing and runs inside the isolate.
 */
export type {
  AuthenticateAnswer,
  PublishAnswer,
  ReceiveAnswer,
  SubscribeAnswer,
  TopicAnswer,
  TransformAnswer,
  UnsubscribeAnswer,
  WillAnswer,
} from './answers.ts'
export type { Askers } from './askers.ts'
export type { BrokerConfig, Settings } from './broker-config.ts'
export type { Capabilities, Ctx } from './capabilities.ts'
export type { ConfigSchema, FromSchema, OptionsSchema } from './config-schema.ts'
export {
  type AskerAnswers,
  type AskerEvents,
  definePlugin,
  type Hooks,
  type Plugin,
  type TellerEvents,
} from './define-plugin.ts'
export type {
  AccessDeniedEvent,
  AuthenticateEvent,
  BrokerEvent,
  Client,
  ClientConnectedEvent,
  ClientDisconnectedEvent,
  ClientSubscribedEvent,
  ClientUnsubscribedEvent,
  CloseEvent,
  Message,
  MessageDroppedEvent,
  MessageEvent,
  MessageProperties,
  Packet,
  PacketEvent,
  PluginFaultedEvent,
  PublishEvent,
  Qos,
  QuotaExceededEvent,
  ReceiveEvent,
  RequestedFilter,
  RetainedMessageEvent,
  Session,
  SubscribeEvent,
  TopicFilteringEvent,
  UnsubscribeEvent,
  UserProperties,
  WillEvent,
  WillHeader,
} from './events.ts'
export type { ParamsIterator } from './globals.ts'
export { json, text, type WithPayload } from './payload.ts'
export type {
  Access,
  AccessDropped,
  Bytes,
  CapabilityError,
  CapabilityErrorCode,
  CryptoPower,
  DigestName,
  Fetch,
  FetchInit,
  FetchResponse,
  Json,
  JwtOptions,
  JwtVerified,
  Kv,
  KvEntry,
  KvWritten,
  Log,
  LogFields,
  Metrics,
  Publication,
  Publish,
  Retained,
  RetainedInfo,
  SecretRef,
  SessionInfo,
  Sessions,
  Subscribe,
  SubscriptionInfo,
  Subscriptions,
  Timer,
  Timers,
} from './powers.ts'
export type {
  Directories,
  DirectoryEntry,
  Query,
  QueryRow,
  SourceParameters,
} from './source-powers.ts'
export { REFUSALS, type RefusalName } from './reason-codes.ts'
export type { Tellers } from './tellers.ts'
export { abstain, allow, deny, disconnect, type Grant, type Obligations, type Why } from './verdicts.ts'
