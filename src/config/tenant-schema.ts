import { ASKERS } from '../../sandbox/index.ts'
import { SECRET_CHARS, SECRETS_PER_PLUGIN, TRUSTED_KEYS } from '../base/limits.ts'
import type { Quotas } from './broker-config.ts'
import { CAPABILITIES } from './grants.ts'
import { limitsSchema, waitMsSchema } from './limits-schema.ts'
import type { Quantity } from './quantity.ts'
import { BYTE_QUOTAS, DEFAULT_TENANT_QUOTAS, TENANT_QUOTAS } from './quotas.ts'
import { byteSize, choice, flag, integer, type Json, map } from './schema-nodes.ts'

const QUOTA_TEXTS: Readonly<Record<keyof Quotas, string>> = {
  connections: 'Connections at a time.',
  sessions: 'Sessions at a time: of clients that are connected and of those that may return.',
  messagesPerSec: 'Messages a second from all clients together.',
  bytesPerSec: 'Bytes a second from all clients together.',
  retainedMessages: 'Retained messages.',
  retainedBytes: 'Bytes of all retained messages together.',
  queuedMessages: 'Messages that wait for one session; the newest is dropped at the bound.',
  queuedBytes: 'Bytes that wait for one session; the newest message is dropped at the bound.',
  allQueuedMessages:
    'Messages that wait for all of its sessions together; the newest is dropped at the bound.',
  allQueuedBytes:
    'Bytes that wait for all of its sessions together; the newest message is dropped at the bound.',
  inflightMessages: 'Messages of QoS 1 and 2 sent to one session and not yet acknowledged.',
  inflightBytes:
    'Bytes of the payloads of these messages: at the bound the next one waits; one alone is always sent.',
  subscriptionsPerSession: 'Subscriptions of one session.',
  willBytes: 'Bytes of all wills that clients have left; at the bound who brings one is refused.',
  maximumPacketSize: 'Bytes of one packet; at most mqtt.maximumPacketSize.',
  sessionExpirySec: 'The longest session expiry interval, in seconds.',
}

/**
 * Quotas that `unlimited` can switch off; the others bound memory whoever the tenant is. Of what is in flight
 * the number of messages and their size are bounded in any case.
 */
const OPEN_QUOTAS: readonly string[] = ['connections', 'messagesPerSec', 'bytesPerSec', 'inflightBytes']

function quotaSchema(name: keyof Quotas): Json {
  const inBytes = BYTE_QUOTAS.includes(name)
  const most = DEFAULT_TENANT_QUOTAS[name]
  const maximum = Number.isFinite(most) ? most : Number.MAX_SAFE_INTEGER
  const [own, other] = [DEFAULT_TENANT_QUOTAS[name], TENANT_QUOTAS[name]].map(spoken)
  const text = `${QUOTA_TEXTS[name]} Default: ${other}; for the tenant "default" ${own}.`
  if (OPEN_QUOTAS.includes(name)) {
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

const secrets: Json = {
  description:
    'What the plugin may use and never sees: the host puts `{ secret: NAME }` into a request or a check. ' +
    'NAMEFile is the path of a file that holds it.',
  type: 'object',
  maxProperties: SECRETS_PER_PLUGIN,
  propertyNames: { format: 'name' },
  additionalProperties: {
    description: 'The secret; "${VARIABLE}" takes it from the environment.',
    type: 'string',
    minLength: 1,
    maxLength: SECRET_CHARS,
    writeOnly: true,
  },
}

const onFault = map(
  "What answers when the plugin does not. Default: deny. `allow` needs the tenant's allowFailOpen.",
  Object.fromEntries(
    ASKERS.map((hook) => [hook, choice(`For ${hook}.`, ['deny', 'abstain', 'allow', 'disconnect'])]),
  ),
)

/** The value of one plugin under `plugins:`. */
export const PLUGIN_SCHEMA: Json = {
  description: "The plugin's options, or the long form: a map with `use`.",
  type: ['object', 'null'],
  if: { required: ['use'] },
  then: {
    additionalProperties: false,
    properties: {
      use: { description: 'Path or dotted name of the plugin.', type: 'string', minLength: 1 },
      config: { description: "The plugin's options.", type: 'object' },
      capabilities: grants(
        "Narrows what it is granted of the tenant's `allow`. Default: whatever it asks for.",
      ),
      onFault,
      waitMs: waitMsSchema(
        "How long its questions may wait for the host. Default, and at most: the tenant's limit.",
        false,
      ),
      secrets,
    },
  },
}

/** The keys of a tenant that stand at top level when there is no `tenants:`. */
export const SINGLE_TENANT_KEYS = [
  'anonymous',
  'passwords',
  'acl',
  'topicDefault',
  'allow',
  'allowFailOpen',
  'quotas',
  'settings',
  'plugins',
] as const

type SingleTenantKey = (typeof SINGLE_TENANT_KEYS)[number]

/** Their schemas, each a definition of its own: they are referred to from both places. */
export const SINGLE_TENANT_SCHEMAS: Readonly<Record<SingleTenantKey, Json>> = {
  anonymous: flag('Admit a client when no plugin declares authenticate? Default: false.'),
  passwords: {
    description:
      'Who may come in without a plugin: a file of lines USER:HASH, as `bulkhead passwd` and ' +
      'mosquitto_passwd write it. Relative to this file.',
    type: 'string',
    minLength: 1,
  },
  acl: {
    description:
      "Who may publish and receive what: a file in the format of mosquitto's acl_file. " +
      'Relative to this file.',
    type: 'string',
    minLength: 1,
  },
  topicDefault: choice(
    'What answers publish, subscribe and receive when no plugin declares the hook. Default: allow.',
    ['allow', 'deny'],
  ),
  allow: grants(
    'Capabilities that plugins may be granted beside those that stay inside the tenant: ' +
      'password, fetch, query, ldap and brokerConfig must be named; `false` withholds one.',
  ),
  allowFailOpen: flag("May a plugin's onFault say `allow`? Default: false."),
  quotas: map(
    'Bounds of the tenant, within those of `mqtt:`.',
    Object.fromEntries(
      (Object.keys(QUOTA_TEXTS) as (keyof Quotas)[]).map((name) => [name, quotaSchema(name)]),
    ),
  ),
  settings: {
    description: 'A free map for plugins with the brokerConfig capability: ctx.brokerConfig.settings.',
    type: 'object',
  },
  plugins: {
    description:
      'Path or dotted name of each plugin, with its options; or a list of names, and of such maps. ' +
      'Relative to this file.',
    type: ['object', 'array'],
    additionalProperties: { $ref: '#/$defs/plugin' },
    items: {
      description: 'Path or dotted name of a plugin, or a map of it to its options.',
      type: ['string', 'object'],
      minLength: 1,
      minProperties: 1,
      additionalProperties: { $ref: '#/$defs/plugin' },
    },
    uniqueItems: true,
  },
}

const TENANT_DEFAULTS: Readonly<Partial<Record<SingleTenantKey, unknown>>> = {
  anonymous: false,
  topicDefault: 'allow',
  allow: {},
  allowFailOpen: false,
  quotas: {},
  settings: {},
  plugins: {},
}

/** One entry of `tenants:`, in which the defaults of its keys are filled in. */
export const TENANT_SCHEMA: Json = map('One tenant: its clients, plugins and bounds.', {
  match: map(
    'Which connections are its own: all that is given must match. Only "default" may leave it out.',
    {
      listener: { description: 'The name of a listener.', type: 'string', minLength: 1 },
      tlsServerName: {
        description: 'The name by which the client calls the server (SNI).',
        type: 'string',
        format: 'server-name',
      },
      clientCertificate: {
        description:
          "A part of the subject of the client's verified certificate, such as O=Acme; or *: it has one.",
        type: 'string',
        format: 'subject-part',
        maxLength: 256,
      },
      wsPath: { description: 'The path of WebSocket upgrades.', type: 'string', format: 'url-path' },
      wsHost: {
        description: 'The host that WebSocket upgrades ask for, without the port.',
        type: 'string',
        minLength: 1,
        maxLength: 256,
      },
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
    SINGLE_TENANT_KEYS.map((key) => {
      const byDefault = key in TENANT_DEFAULTS ? { default: TENANT_DEFAULTS[key] } : {}
      return [key, { $ref: `#/$defs/${key}`, ...byDefault }]
    }),
  ),
  signing: map(
    'By whom plugins are signed that the tenant uploads.',
    {
      trustedKeys: {
        description: 'Public keys of minisign, as their line that begins with RW.',
        type: 'array',
        maxItems: TRUSTED_KEYS,
        items: { description: 'One of them.', type: 'string', format: 'minisign-key' },
        default: [],
      },
      required: flag('Are uploads without a signature refused? Default: false.', { default: false }),
    },
    { default: {} },
  ),
  databases: { $ref: '#/$defs/databases', default: {} },
  directories: { $ref: '#/$defs/directories', default: {} },
  sandbox: map(
    "The tenant's overrides, within the operator's maxima.",
    {
      jit: flag("Compile the tenant's plugins to machine code: faster, with a larger surface of attack."),
      limits: limitsSchema("Limits of the tenant's cell and plugins, at most the operator's.", false),
    },
    { default: {} },
  ),
})
