import type { AskerEvents, TellerEvents } from './sdk/define-plugin.ts'
import type { Client, Message, PublishEvent, Session } from './sdk/events.ts'
import type { AskerName, HookName, TellerName } from './sdk/hooks.ts'

/** An event of which a test says only what matters to it; bytes may be given as text. */
export type TestEvent<Event> = Event extends Uint8Array
  ? Uint8Array | string
  : Event extends readonly (infer Each)[]
    ? readonly TestEvent<Each>[]
    : Event extends object
      ? { readonly [Key in keyof Event]?: TestEvent<Event[Key]> }
      : Event

export type HookEvents = AskerEvents & TellerEvents

/** A whole event: what the test gave, over what a harmless client would have sent. */
export function completeEvent<Name extends HookName>(
  hook: Name,
  given: TestEvent<HookEvents[Name]> | undefined,
): Readonly<Record<string, unknown>> {
  const event: Record<string, unknown> = overlay(DEFAULTS[hook], given ?? {})
  if (isRecord(event['client']))
    event['client'] = withPrincipal(event['client'], given as { client?: object })
  if (Array.isArray(event['filters']))
    event['filters'] = event['filters'].map((each: object) => overlay(FILTER, each))
  if (Array.isArray(event['targets']))
    event['targets'] = event['targets'].map((each: object) => overlay(TARGET, each))
  return event
}

/** Bytes cross as base64, under a name that says so; the guest makes bytes of them again. */
export function toWire(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const wire: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(event)) {
    if (BYTES.has(key)) wire[`${key}64`] = Buffer.from(value as Uint8Array | string).toString('base64')
    else if (HOLDERS.has(key) && isRecord(value)) wire[key] = toWire(value)
    else wire[key] = value
  }
  return wire
}

const BYTES: ReadonlySet<string> = new Set(['payload', 'password', 'authData'])
const HOLDERS: ReadonlySet<string> = new Set(['message', 'will', 'packet'])

const CLIENT: Client = {
  clientId: 'test-client',
  principal: 'test-client',
  roles: [],
  attributes: {},
  protocolVersion: 5,
  listener: 'test',
  remoteAddress: '127.0.0.1',
  connectedAt: 0,
}
const MESSAGE: Message = { topic: 'test/topic', qos: 0, retain: false }
const PUBLISH: PublishEvent = { client: CLIENT, ...MESSAGE }
const SESSION: Session = {
  present: false,
  cleanStart: true,
  expirySec: 0,
  keepAliveSec: 60,
  queued: 0,
  inflight: 0,
}
const FILTER = { filter: 'test/#', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 }
const TARGET = { client: CLIENT, filter: 'test/#' }
const BROKER = { version: '0.0.0' }

const ASKED: AskerEvents = {
  authenticate: {
    cause: 'connect',
    step: 0,
    tenant: 'test',
    listener: 'test',
    remoteAddress: '127.0.0.1',
    clientId: 'test-client',
    protocolVersion: 5,
    cleanStart: true,
    keepAliveSec: 60,
    userProperties: [],
  },
  authorizePublish: PUBLISH,
  authorizeSubscribe: { client: CLIENT, filters: [] },
  authorizeUnsubscribe: { client: CLIENT, filters: [] },
  authorizeReceive: { message: MESSAGE, cause: 'live', targets: [TARGET] },
  authorizeWill: {
    client: CLIENT,
    when: 'connect',
    will: { topic: 'test/will', qos: 0, retain: false, delaySec: 0 },
  },
  topicFiltering: { client: CLIENT, topic: 'test/topic', action: 'publish' },
  transformMessage: PUBLISH,
}

const TOLD: TellerEvents = {
  onClose: {},
  onMqttPacketReceived: { client: CLIENT, packet: { cmd: 'pingreq' } },
  onMqttPacketSent: { client: CLIENT, packet: { cmd: 'pingresp' } },
  onBrokerPreStart: BROKER,
  onBrokerPostStart: BROKER,
  onBrokerPreShutdown: BROKER,
  onBrokerPostShutdown: BROKER,
  onBrokerClientConnected: { client: CLIENT, session: SESSION },
  onBrokerClientDisconnected: {
    client: CLIENT,
    session: SESSION,
    graceful: true,
    reasonCode: 0,
    by: 'client',
    willPublished: false,
  },
  onBrokerClientSubscribed: { client: CLIENT, filter: 'test/#', qos: 0 },
  onBrokerClientUnsubscribed: { client: CLIENT, filter: 'test/#' },
  onBrokerMessageReceived: { client: CLIENT, message: MESSAGE },
  onBrokerMessageBroadcast: { client: CLIENT, message: MESSAGE },
  onBrokerRetainedMessage: { client: CLIENT, message: { ...MESSAGE, retain: true }, cleared: false },
  onBrokerMessageDropped: { client: CLIENT, message: MESSAGE, reason: 'queue full' },
  onBrokerQuotaExceeded: { client: CLIENT, limit: 'messagesPerSec', value: 1 },
  onBrokerAccessDenied: { client: CLIENT, action: 'publish', topic: 'test/topic', reasonCode: 0x87 },
  onPluginFaulted: { plugin: 'other', hook: 'authorizePublish', outcome: 'threw' },
}

const DEFAULTS: Readonly<Record<AskerName | TellerName, object>> = { ...ASKED, ...TOLD }

/** Objects are completed key by key; everything else is taken as given. */
function overlay(base: object, given: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(given)) {
    const under = result[key]
    result[key] = isRecord(under) && isRecord(value) ? overlay(under, value) : value
  }
  return result
}

/** As the broker does it: the user name, else the client identifier, unless somebody said otherwise. */
function withPrincipal(client: Readonly<Record<string, unknown>>, given: { client?: object }): object {
  if (given?.client !== undefined && 'principal' in given.client) return client
  return { ...client, principal: client['username'] ?? client['clientId'] }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  )
}
