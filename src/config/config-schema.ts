import { ASKERS } from '../../sandbox/index.ts'
import { LISTENERS, TENANTS } from '../base/limits.ts'
import type { Quotas } from './broker-config.ts'
import { CAPABILITIES } from './grants.ts'
import { limitsSchema } from './limits-schema.ts'
import type { Quantity } from './quantity.ts'
import { BYTE_QUOTAS, DEFAULT_TENANT_QUOTAS, TENANT_QUOTAS } from './quotas.ts'

type Json = Readonly<Record<string, unknown>>

/** A map with exactly these keys, none of them required. */
function map(description: string, properties: Readonly<Record<string, Json>>, more: Json = {}): Json {
  return { description, type: 'object', additionalProperties: false, properties, ...more }
}

function integer(description: string, minimum: number, maximum: number, more: Json = {}): Json {
  return { description, type: 'integer', minimum, maximum, ...more }
}

function flag(description: string, more: Json = {}): Json {
  return { description, type: 'boolean', ...more }
}

function choice(description: string, values: readonly unknown[], more: Json = {}): Json {
  return { description, enum: values, ...more }
}

/** A number of bytes, or a text such as `10MiB`. */
function byteSize(description: string, minimum: number, maximum: number, more: Json = {}): Json {
  return {
    description,
    type: ['integer', 'string'],
    quantity: 'bytes' satisfies Quantity,
    minimum,
    maximum,
    ...more,
  }
}

const QUOTA_TEXTS: Readonly<Record<keyof Quotas, string>> = {
  connections: 'Connections at a time.',
  messagesPerSec: 'Messages a second from all clients together.',
  bytesPerSec: 'Bytes a second from all clients together.',
  retainedMessages: 'Retained messages.',
  retainedBytes: 'Bytes of all retained messages together.',
  queuedMessages: 'Messages that wait for one session; the newest is dropped at the bound.',
  queuedBytes: 'Bytes that wait for one session; the newest message is dropped at the bound.',
  inflightMessages: 'Messages of QoS 1 and 2 sent to one session and not yet acknowledged.',
  subscriptionsPerSession: 'Subscriptions of one session.',
  maximumPacketSize: 'Bytes of one packet; at most mqtt.maximumPacketSize.',
  sessionExpirySec: 'The longest session expiry interval, in seconds.',
}

/** Quotas that `unlimited` can switch off; the others bound memory whoever the tenant is. */
const RATE_QUOTAS: readonly string[] = ['connections', 'messagesPerSec', 'bytesPerSec']

function quotaSchema(name: keyof Quotas): Json {
  const inBytes = BYTE_QUOTAS.includes(name)
  const most = DEFAULT_TENANT_QUOTAS[name]
  const maximum = Number.isFinite(most) ? most : Number.MAX_SAFE_INTEGER
  const [own, other] = [DEFAULT_TENANT_QUOTAS[name], TENANT_QUOTAS[name]].map(spoken)
  const text = `${QUOTA_TEXTS[name]} Default: ${other}; for the tenant "default" ${own}.`
  if (RATE_QUOTAS.includes(name)) {
    const quantity: Quantity = inBytes ? 'bytesOrUnlimited' : 'countOrUnlimited'
    return { description: text, type: ['integer', 'string'], quantity, minimum: 1, maximum }
  }
  return inBytes ? byteSize(text, 0, maximum) : integer(text, name === 'inflightMessages' ? 1 : 0, maximum)
}

function spoken(quota: number): string {
  return Number.isFinite(quota) ? String(quota) : 'unlimited'
}

/** A map of capabilities to what is granted of them. */
function grants(description: string): Json {
  return {
    description,
    type: 'object',
    propertyNames: { enum: CAPABILITIES },
    additionalProperties: {
      description: '`true`, `false`, or a bound such as { hosts: [auth.example] } or { bytes: 65536 }.',
      type: ['boolean', 'object'],
    },
  }
}

/** Names of listeners and tenants: they become labels of metrics and levels of topics. */
const NAMES = { propertyNames: { format: 'name' } } as const

const onFault = map(
  "What answers when the plugin does not: it faults, or its cell is down. Default: deny. `allow` needs the tenant's allowFailOpen.",
  Object.fromEntries(
    ASKERS.map((hook) => [hook, choice(`For ${hook}.`, ['deny', 'abstain', 'allow', 'disconnect'])]),
  ),
)

const plugin: Json = {
  description: "The plugin's options, or the long form: a map with `use`.",
  type: ['object', 'null'],
  if: { required: ['use'] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's own word
  then: {
    additionalProperties: false,
    properties: {
      use: { description: 'Path or dotted name of the plugin.', type: 'string', minLength: 1 },
      config: { description: "The plugin's options.", type: 'object' },
      capabilities: grants(
        "Narrows what it is granted of the tenant's `allow`. Default: whatever it asks for.",
      ),
      onFault,
    },
  },
}

/** The keys of a tenant that stand at top level when there is no `tenants:`. */
export const SINGLE_TENANT_KEYS = [
  'anonymous',
  'topicDefault',
  'allow',
  'allowFailOpen',
  'quotas',
  'settings',
  'plugins',
] as const

type SingleTenantKey = (typeof SINGLE_TENANT_KEYS)[number]

const tenantKeys: Readonly<Record<SingleTenantKey, Json>> = {
  anonymous: flag('Admit a client when no plugin declares authenticate? Default: false.'),
  topicDefault: choice(
    'What answers publish, subscribe and receive when no plugin declares the hook. Default: allow.',
    ['allow', 'deny'],
  ),
  allow: grants(
    'Capabilities that plugins may be granted beside those that stay inside the tenant: ' +
      'password, fetch and brokerConfig must be named; `false` withholds one.',
  ),
  allowFailOpen: flag("May a plugin's onFault say `allow`? Default: false."),
  quotas: map(
    'Bounds of the tenant.',
    Object.fromEntries(
      (Object.keys(QUOTA_TEXTS) as (keyof Quotas)[]).map((name) => [name, quotaSchema(name)]),
    ),
  ),
  settings: { description: 'A free map for plugins with the brokerConfig capability.', type: 'object' },
  plugins: {
    description:
      'Path or dotted name of each plugin, with its options; or a list of names. Relative to this file.',
    type: ['object', 'array'],
    additionalProperties: { $ref: '#/$defs/plugin' },
    items: { description: 'Path or dotted name of a plugin.', type: 'string', minLength: 1 },
    uniqueItems: true,
  },
}

const TENANT_DEFAULTS: Readonly<Record<SingleTenantKey, unknown>> = {
  anonymous: false,
  topicDefault: 'allow',
  allow: {},
  allowFailOpen: false,
  quotas: {},
  settings: {},
  plugins: {},
}

const tenant = map('One tenant: its clients, plugins and bounds.', {
  match: map(
    'Which connections are its own: all that is given must match. Only the tenant "default" may leave it out.',
    {
      listener: { description: 'The name of a listener.', type: 'string', minLength: 1 },
      usernamePrefix: {
        description: 'The start of the user name; plugins see the user name without it.',
        type: 'string',
        minLength: 1,
        maxLength: 256,
      },
    },
    { minProperties: 1 },
  ),
  ...Object.fromEntries(
    SINGLE_TENANT_KEYS.map((key) => [key, { $ref: `#/$defs/${key}`, default: TENANT_DEFAULTS[key] }]),
  ),
  sandbox: map(
    "The tenant's overrides, within the operator's maxima.",
    {
      jit: flag("Compile the tenant's plugins to machine code: faster, with a larger surface of attack."),
      limits: limitsSchema("Limits of the tenant's cell and plugins, at most the operator's.", false),
    },
    { default: {} },
  ),
})

const listener = map(
  'One address to listen on.',
  {
    type: choice('tcp for MQTT over TCP, ws for MQTT over WebSocket.', ['tcp', 'ws']),
    bind: {
      description: 'HOST:PORT; port 0 lets the system choose.',
      type: 'string',
      format: 'bind-address',
    },
    path: {
      description: 'The path of WebSocket upgrades.',
      type: 'string',
      format: 'url-path',
      default: '/mqtt',
    },
    maxConnections: integer('Connections at a time.', 1, 10_000_000, { default: 100_000 }),
  },
  { required: ['type', 'bind'] },
)

const mqtt = map(
  "The standard's limits, for every tenant.",
  {
    receiveMaximum: integer(
      'QoS 1 and 2 messages that a client may have under way to the broker.',
      1,
      65_535,
      {
        default: 100,
      },
    ),
    topicAliasMaximum: integer('Topic aliases that a client may use.', 0, 65_535, { default: 32 }),
    maximumPacketSize: byteSize('Bytes of one packet.', 64, 268_435_455, { default: '1MiB' }),
    maximumQos: choice('The highest QoS.', [0, 1, 2], { default: 2 }),
    retainAvailable: flag('Are retained messages accepted?', { default: true }),
    serverKeepAliveSec: integer(
      'The keep alive that MQTT 5 clients are told, in seconds. Default: their own.',
      1,
      65_535,
    ),
    maxKeepAliveSec: integer('The longest keep alive, in seconds.', 1, 65_535, { default: 65_535 }),
    connectTimeoutSec: integer('How long a connection may be silent before its CONNECT.', 1, 600, {
      default: 10,
    }),
    allowZeroLengthClientId: flag('Is an empty client identifier accepted, and one assigned?', {
      default: true,
    }),
    onRefusedPublish: choice(
      'A refused PUBLISH of a client before MQTT 5: drop the message and acknowledge it, or close the connection.',
      ['drop', 'close'],
      { default: 'drop' },
    ),
  },
  { default: {} },
)

/**
 * The one description of a config, for ajv, for editors and for people. Defaults are here and nowhere else, but for
 * quotas, whose default depends on the tenant.
 */
export const CONFIG_SCHEMA: Json = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Bulkhead broker configuration',
  ...map('The configuration of a Bulkhead broker.', {
    listeners: {
      description: 'Where the broker listens, by name.',
      type: 'object',
      minProperties: 1,
      maxProperties: LISTENERS,
      ...NAMES,
      additionalProperties: { $ref: '#/$defs/listener' },
      default: {
        mqtt: { type: 'tcp', bind: '127.0.0.1:1883' },
        web: { type: 'ws', bind: '127.0.0.1:8083', path: '/mqtt' },
      },
    },
    data: { description: 'A folder for durable state. Absent: memory only.', type: 'string', minLength: 1 },
    mqtt,
    ...Object.fromEntries(SINGLE_TENANT_KEYS.map((key) => [key, { $ref: `#/$defs/${key}` }])),
    tenants: {
      description: 'Several tenants by name, in the order in which they are matched.',
      type: 'object',
      minProperties: 1,
      maxProperties: TENANTS,
      ...NAMES,
      additionalProperties: { $ref: '#/$defs/tenant' },
    },
    sandbox: map(
      "The plugins' sandbox.",
      {
        jail: choice(
          'strict refuses to start where a layer of the jail is missing; minimal uses none.',
          ['auto', 'strict', 'minimal'],
          { default: 'auto' },
        ),
        startWaitMs: integer('How long a question waits for a cell that starts.', 0, 60_000, {
          default: 5000,
        }),
        jit: flag('Compile plugins to machine code, unless a tenant says otherwise.', { default: false }),
        limits: limitsSchema(
          "Limits of a tenant's cell and plugins: the default and the maximum of every tenant's.",
          true,
        ),
      },
      { default: {} },
    ),
  }),
  $defs: { listener, tenant, plugin, ...tenantKeys },
}
