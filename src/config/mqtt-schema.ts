import type { Quantity } from './quantity.ts'
import { byteSize, choice, flag, integer, type Json, map } from './schema-nodes.ts'

/** The longest that a session can be asked to last: forever, as 4 bytes say it. */
const FOREVER_SEC = 0xffff_ffff
/** What a remaining length of four bytes can say, fixed header and all. */
const LARGEST_PACKET_BYTES = 268_435_455
/** Less would keep out every CONNECT that names a client in a few bytes. */
const SMALLEST_MAXIMUM_BYTES = 20
/** Every packet identifier in use. */
const PACKET_IDENTIFIERS = 65_535

/** A number, or `unlimited`, which is the default. */
function bound(description: string, quantity: Quantity, maximum: number): Json {
  return {
    description,
    type: ['integer', 'string'],
    quantity,
    minimum: 1,
    maximum,
    default: 'unlimited',
  }
}

/** What a listener may have of its own, in place of what `mqtt:` says for all. */
const CONNECTION_KEYS: Readonly<Record<string, Json>> = {
  receiveMaximum: integer(
    'QoS 1 and 2 messages that a client may have under way to the broker. MQTT 5 is told in CONNACK, and ' +
      'gets DISCONNECT 0x93 for one more; before it the PUBREC of one more waits.',
    1,
    65_535,
    { default: 100 },
  ),
  topicAliasMaximum: integer(
    'Topic aliases that a client may use; a higher one: DISCONNECT 0x94.',
    0,
    65_535,
    { default: 32 },
  ),
  maximumPacketSize: byteSize(
    'Bytes of one packet; who sends a larger one is closed, with 0x95 to MQTT 5.',
    SMALLEST_MAXIMUM_BYTES,
    LARGEST_PACKET_BYTES,
    { default: '1MiB' },
  ),
  maximumQos: choice(
    'The highest QoS: subscriptions are granted no more, a PUBLISH above it ends the connection ' +
      '(DISCONNECT 0x9B), a will above it is refused (CONNACK 0x9B).',
    [0, 1, 2],
    { default: 2 },
  ),
  serverKeepAlive: integer(
    'The keep alive that MQTT 5 clients get, in seconds, whatever they ask for. Default: their own.',
    1,
    65_535,
  ),
  maxKeepalive: integer(
    'The longest keep alive, in seconds. Below 65535 none at all is too long as well. MQTT 5 gets this one ' +
      'instead; before it the client is refused with 0x02.',
    1,
    65_535,
    { default: 65_535 },
  ),
  connectTimeoutSec: integer('How long a connection may be silent before its CONNECT.', 1, 600, {
    default: 10,
  }),
  allowZeroLengthClientid: flag(
    'Is an empty client identifier accepted, and one assigned? No: 0x80, before MQTT 5 0x02.',
    { default: true },
  ),
  autoIdPrefix: {
    description: 'What assigned client identifiers begin with; no wildcards, at most 64 characters.',
    type: 'string',
    format: 'client-id-prefix',
    default: 'auto-',
  },
  acceptProtocolVersions: {
    description:
      'Which versions are spoken: a list of 3 (MQTT 3.1), 4 (MQTT 3.1.1) and 5, or "3,4". Others are ' +
      'refused with 0x84, before MQTT 5 with 0x01.',
    type: ['array', 'string'],
    items: choice('A protocol version.', [3, 4, 5]),
    minItems: 1,
    uniqueItems: true,
    format: 'protocol-versions',
    default: [3, 4, 5],
  },
}

/** The `mqtt:` of one listener: the same keys without defaults, which are those for all. */
export const LISTENER_MQTT_SCHEMA: Json = map(
  "What holds for the clients of this listener in place of what the top level's `mqtt:` says: no larger " +
    'packets and no higher QoS than there. Default: as there.',
  Object.fromEntries(
    Object.entries(CONNECTION_KEYS).map(([name, { default: _forAll, ...schema }]) => [name, schema]),
  ),
)

/** `mqtt:` by the standard's names where it has one, otherwise by mosquitto's. */
export const MQTT_SCHEMA: Json = map(
  "The standard's limits, for every tenant. Where a tenant's quota bounds the same, the smaller one holds.",
  {
    ...CONNECTION_KEYS,
    retainAvailable: flag(
      'Are retained messages accepted? No: DISCONNECT 0x9A for one, CONNACK 0x9A for such a will.',
      { default: true },
    ),
    sessionExpiryIntervalMax: integer(
      'The longest session expiry interval, in seconds; 4294967295 is forever. What is kept for clients ' +
        'before MQTT 5 lasts so long.',
      0,
      FOREVER_SEC,
      { default: FOREVER_SEC },
    ),
    wildcardSubscriptionAvailable: flag(
      'May filters have wildcards? No: DISCONNECT 0xA2, before MQTT 5 SUBACK 0x80.',
      { default: true },
    ),
    sharedSubscriptionAvailable: flag(
      'Are there shared subscriptions? No: DISCONNECT 0x9E, before MQTT 5 SUBACK 0x80.',
      { default: true },
    ),
    subscriptionIdentifiersAvailable: flag('May subscriptions have identifiers? No: DISCONNECT 0xA1.', {
      default: true,
    }),
    maxInflightMessages: bound(
      'QoS 1 and 2 messages sent to one client and not yet acknowledged.',
      'countOrUnlimited',
      PACKET_IDENTIFIERS,
    ),
    maxInflightBytes: bound(
      'Bytes of the payloads of these messages: at the bound the next one waits; one alone is always sent.',
      'bytesOrUnlimited',
      Number.MAX_SAFE_INTEGER,
    ),
    maxQueuedMessages: bound(
      'Messages that wait for one session; the newest is dropped at the bound.',
      'countOrUnlimited',
      Number.MAX_SAFE_INTEGER,
    ),
    maxQueuedBytes: bound(
      'Bytes that wait for one session; the newest message is dropped at the bound.',
      'bytesOrUnlimited',
      Number.MAX_SAFE_INTEGER,
    ),
    messageSizeLimit: bound(
      'Bytes of the payload of one message from a client. A larger one is refused, 0x97 to MQTT 5, as ' +
        'onRefusedPublish says before it; with a larger will CONNECT is refused, 0x95.',
      'bytesOrUnlimited',
      LARGEST_PACKET_BYTES,
    ),
    upgradeOutgoingQos: flag(
      'Are messages delivered with the QoS of the subscription, however low that of the PUBLISH was?',
      { default: false },
    ),
    queueQos0Messages: flag('Do messages of QoS 0 wait for clients that are away?', { default: false }),
    globalMaxClients: bound(
      'Sessions of all tenants, of clients that are connected and of those that may return. Above it ' +
        'newcomers are refused with 0x89, before MQTT 5 with 0x03.',
      'countOrUnlimited',
      Number.MAX_SAFE_INTEGER,
    ),
    globalMaxConnections: bound(
      'Connections at a time, to all listeners together. Above it newcomers are closed without a word.',
      'countOrUnlimited',
      Number.MAX_SAFE_INTEGER,
    ),
    onRefusedPublish: choice(
      'A refused PUBLISH before MQTT 5: drop the message and acknowledge it, or close the connection.',
      ['drop', 'close'],
      { default: 'drop' },
    ),
  },
  { default: {} },
)
