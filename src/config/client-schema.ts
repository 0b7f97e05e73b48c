import { CLIENT_TOPICS } from '../base/limits.ts'
import { limitsSchema } from './limits-schema.ts'
import { choice, flag, integer, type Json, map } from './schema-nodes.ts'
import { PLUGIN_SCHEMA, SINGLE_TENANT_SCHEMAS } from './tenant-schema.ts'

/** What a UTF-8 string of the standard can hold. */
const TEXT_CHARS = 65_535
const QOS = [0, 1, 2]

function text(description: string, more: Json = {}): Json {
  return { description, type: 'string', minLength: 1, maxLength: TEXT_CHARS, ...more }
}

function path(description: string): Json {
  return text(`${description} Relative to this file.`, { maxLength: 4096 })
}

const connection = map('Where the broker is, and whom to trust there.', {
  uri: text('mqtt://, mqtts://, ws:// or wss://, then [USER:PASSWORD@]HOST[:PORT].', { writeOnly: true }),
  cafile: path('A PEM file with the certificates of the authorities to trust.'),
  capath: path("A folder with such certificates, one a file, named as OpenSSL's `rehash` does."),
  cadata: text('Such certificates themselves, as PEM.', { maxLength: 1_048_576 }),
  certfile: path("A PEM file with the client's certificate; needs keyfile."),
  keyfile: path("A PEM file with the key of the client's certificate."),
})

const will = map(
  'The message that the broker publishes when the connection breaks.',
  {
    topic: text('Its topic.'),
    message: { description: 'Its payload.', type: 'string', maxLength: TEXT_CHARS },
    qos: choice('Its quality of service.', QOS, { default: 0 }),
    retain: flag('Is it retained?', { default: false }),
  },
  { required: ['topic', 'message'] },
)

const topics: Json = {
  description: 'What goes before default_qos and default_retain, by topic.',
  type: 'object',
  maxProperties: CLIENT_TOPICS,
  default: {},
  additionalProperties: map('How messages to this topic are published.', {
    qos: choice('The quality of service.', QOS, { default: 0 }),
    retain: flag('Are they retained?', { default: false }),
  }),
}

/**
 * The one description of a client's config. Its keys and their defaults are aMQTT's, so that its files load;
 * what aMQTT has no key for is written in the same way.
 */
export const CLIENT_SCHEMA: Json = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Bulkhead client configuration',
  ...map('The configuration of an MQTT client with plugins.', {
    connection: { $ref: '#/$defs/connection' },
    broker: { $ref: '#/$defs/connection', description: 'An older name of connection.' },
    client_id: text('The client identifier. Default: a random one.'),
    username: text('The user name.'),
    password: text('The password; "${VARIABLE}" takes it from the environment.', { writeOnly: true }),
    protocol_version: choice('The version of MQTT: 3 is 3.1, 4 is 3.1.1.', [3, 4, 5], { default: 4 }),
    cleansession: flag('Does each connection begin a new session?', { default: true }),
    keep_alive: integer('The keep alive that the broker is told, in seconds; 0 is none.', 0, 65_535, {
      default: 10,
    }),
    ping_delay: integer(
      'A PINGREQ is sent so many seconds before the keep alive is over; 0: never.',
      0,
      65_535,
      {
        default: 1,
      },
    ),
    connection_timeout: integer('Seconds until CONNACK must have come.', 1, 3600, { default: 60 }),
    auto_reconnect: flag('Is a connection that breaks, or does not come about, tried again?', {
      default: true,
    }),
    reconnect_retries: integer('How often in a row; -1 is for ever.', -1, 1_000_000, { default: 2 }),
    reconnect_max_interval: integer('The longest wait before it is tried again, in seconds.', 1, 86_400, {
      default: 10,
    }),
    default_qos: choice('The quality of service of messages.', QOS, { default: 0 }),
    default_retain: flag('Are messages retained?', { default: false }),
    topics,
    will,
    check_hostname: flag("Must the broker's certificate be for its host?", { default: true }),
    verify_cert: flag("Must the broker's certificate come from a trusted authority?", { default: true }),
    plugins: { $ref: '#/$defs/plugins', default: {} },
    allow: { $ref: '#/$defs/allow', default: {} },
    sandbox: map(
      "The plugins' sandbox.",
      {
        jail: choice(
          'strict refuses to start where a layer of the jail is missing; minimal uses none.',
          ['auto', 'strict', 'minimal'],
          { default: 'auto' },
        ),
        limits: limitsSchema('Limits of the cell and of plugins.', true),
      },
      { default: {} },
    ),
  }),
  $defs: {
    connection,
    plugin: PLUGIN_SCHEMA,
    plugins: SINGLE_TENANT_SCHEMAS.plugins,
    allow: SINGLE_TENANT_SCHEMAS.allow,
  },
}
