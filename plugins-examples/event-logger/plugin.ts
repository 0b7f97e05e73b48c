import { type Client, definePlugin, type Message } from 'bulkhead/plugin'

/** Who it was, in a log line; the broker itself has no client. */
function who(client: Client | undefined): { readonly clientId?: string } {
  return client === undefined ? {} : { clientId: client.clientId }
}

function what({ topic, qos, retain }: Message): {
  readonly topic: string
  readonly qos: number
  readonly retain: boolean
} {
  return { topic, qos, retain }
}

export default definePlugin({
  capabilities: { log: true },

  onMqttPacketReceived: ({ client, packet }, { log }) => log.debug(`received ${packet.cmd}`, who(client)),
  onMqttPacketSent: ({ client, packet }, { log }) => log.debug(`sent ${packet.cmd}`, who(client)),

  onBrokerPreStart: (_event, { log }) => log.debug('the broker is about to start'),
  onBrokerPostStart: (_event, { log }) => log.debug('the broker has started'),
  onBrokerPreShutdown: (_event, { log }) => log.debug('the broker is about to stop'),
  onBrokerPostShutdown: (_event, { log }) => log.debug('the broker has stopped'),

  onBrokerClientConnected: ({ client, session }, { log }) =>
    log.info('client connected', {
      ...who(client),
      principal: client.principal,
      from: client.remoteAddress,
      sessionPresent: session.present,
    }),
  onBrokerClientDisconnected: ({ client, by, graceful, reasonCode, willPublished }, { log }) =>
    log.info('client disconnected', { ...who(client), by, graceful, reasonCode, willPublished }),
  onBrokerClientSubscribed: ({ client, filter, qos }, { log }) =>
    log.debug('subscribed', { ...who(client), filter, qos }),
  onBrokerClientUnsubscribed: ({ client, filter }, { log }) =>
    log.debug('unsubscribed', { ...who(client), filter }),

  onBrokerMessageReceived: ({ client, message }, { log }) =>
    log.debug('message received', { ...who(client), ...what(message) }),
  onBrokerMessageBroadcast: ({ client, message }, { log }) =>
    log.debug('message broadcast', { ...who(client), ...what(message) }),
  onBrokerRetainedMessage: ({ client, message, cleared }, { log }) =>
    log.debug(cleared ? 'retained message cleared' : 'message retained', {
      ...who(client),
      ...what(message),
    }),
  onBrokerMessageDropped: ({ client, message, reason }, { log }) =>
    log.warn('message dropped', { ...who(client), ...what(message), reason }),

  onBrokerQuotaExceeded: ({ client, limit, value }, { log }) =>
    log.warn('quota exceeded', { ...who(client), limit, value }),
  onBrokerAccessDenied: ({ client, action, topic, reasonCode }, { log }) =>
    log.warn('access denied', { ...who(client), action, topic, reasonCode }),
  onPluginFaulted: ({ plugin, hook, outcome }, { log }) =>
    log.warn('plugin faulted', { plugin, hook, outcome }),

  onClose: (_event, { log }) => log.debug('this plugin is closing'),
})
