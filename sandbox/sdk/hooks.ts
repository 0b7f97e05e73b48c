/**
 * Every hook by name. Askers (imperative) are answered with a verdict and hold up their packet; tellers
 * (`on…`) are told afterwards and hold up nothing. A hook's place in {@link HOOKS} is its number on the wire,
 * so new ones go to the end.
 */
export const ASKERS = [
  'authenticate',
  'authorizePublish',
  'authorizeSubscribe',
  'authorizeUnsubscribe',
  'authorizeReceive',
  'authorizeWill',
  'topicFiltering',
  'transformMessage',
] as const

export const TELLERS = [
  'onClose',
  'onMqttPacketReceived',
  'onMqttPacketSent',
  'onBrokerPreStart',
  'onBrokerPostStart',
  'onBrokerPreShutdown',
  'onBrokerPostShutdown',
  'onBrokerClientConnected',
  'onBrokerClientDisconnected',
  'onBrokerClientSubscribed',
  'onBrokerClientUnsubscribed',
  'onBrokerMessageReceived',
  'onBrokerMessageBroadcast',
  'onBrokerRetainedMessage',
  'onBrokerMessageDropped',
  'onBrokerQuotaExceeded',
  'onBrokerAccessDenied',
  'onPluginFaulted',
] as const

export const HOOKS: readonly [...typeof ASKERS, ...typeof TELLERS] = [...ASKERS, ...TELLERS]

export type AskerName = (typeof ASKERS)[number]
export type TellerName = (typeof TELLERS)[number]
export type HookName = AskerName | TellerName
