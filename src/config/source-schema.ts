import { QUERIES, QUERY_ROWS, SOURCE_CONNECTIONS, SOURCE_MS, SOURCES, SQL_CHARS } from '../base/limits.ts'
import { choice, flag, integer, type Json, map } from './schema-nodes.ts'

const TEXT = { type: 'string', minLength: 1, maxLength: 1024 } as const
const NAME = { propertyNames: { format: 'name' } } as const

const timeoutMs = integer('How long one answer may take, in milliseconds.', 10, SOURCE_MS.most, {
  default: SOURCE_MS.usual,
})
const connections = integer(
  'Connections at a time; one tenant has all but one of them at most.',
  1,
  SOURCE_CONNECTIONS.most,
  {
    default: SOURCE_CONNECTIONS.usual,
  },
)
const caFile = {
  ...TEXT,
  description:
    'A file with the certificates (PEM) of the authorities to trust. Default: the well-known ones.',
}

const query = map(
  'A statement that plugins ask by its name.',
  {
    sql: {
      description: 'One statement. Values are :name in SQLite, and $1, $2 (by `parameters`) in PostgreSQL.',
      type: 'string',
      minLength: 1,
      maxLength: SQL_CHARS,
    },
    parameters: {
      description: 'What the plugin gives, by name; `tenant` is given by the broker.',
      type: 'array',
      maxItems: 16,
      uniqueItems: true,
      items: { description: 'The name of a value.', type: 'string', format: 'name' },
      default: [],
    },
    maxRows: integer('An answer with more rows is refused.', 1, QUERY_ROWS.most, {
      default: QUERY_ROWS.usual,
    }),
  },
  { required: ['sql'] },
)

const database = map(
  'A database, read only.',
  {
    type: choice('sqlite is a file; postgres is a PostgreSQL server.', ['sqlite', 'postgres']),
    file: { ...TEXT, description: "SQLite's file; relative to this config." },
    url: {
      ...TEXT,
      description: 'PostgreSQL: postgres://USER@HOST:PORT/DATABASE; ?host=/FOLDER is that of a Unix socket.',
    },
    password: { ...TEXT, description: 'PostgreSQL: or passwordFile, a file that holds it.', writeOnly: true },
    tls: flag('PostgreSQL: encrypted, the certificate checked? Default: unless it is on this machine.'),
    caFile,
    connections,
    timeoutMs,
    queries: {
      description: 'What plugins may ask, by name.',
      type: 'object',
      maxProperties: QUERIES,
      ...NAME,
      additionalProperties: query,
      default: {},
    },
  },
  { required: ['type'] },
)

const directory = map(
  'An LDAP directory.',
  {
    url: { ...TEXT, description: 'ldap://HOST:PORT or ldaps://HOST:PORT.', pattern: '^ldaps?://[^/?#@]+/?$' },
    startTls: flag('Encrypt an ldap: connection before anything is said?', { default: false }),
    caFile,
    bindDn: { ...TEXT, description: 'Who searches. Default: anybody.' },
    bindPassword: { ...TEXT, description: 'Or bindPasswordFile, a file that holds it.', writeOnly: true },
    baseDn: { description: 'Where the search begins.', type: 'string', maxLength: 1024 },
    scope: choice(
      'sub: the base and all below it; one: what is right below; base: itself.',
      ['base', 'one', 'sub'],
      {
        default: 'sub',
      },
    ),
    filter: {
      ...TEXT,
      description: 'Who is meant, as (uid={username}); {NAME} is a value that the plugin gives, escaped.',
    },
    attributes: {
      description: 'What plugins may read of an entry. Default: its name alone.',
      type: 'array',
      maxItems: 64,
      uniqueItems: true,
      items: {
        description: 'The name of an attribute.',
        type: 'string',
        pattern: '^[A-Za-z][\\w;-]{0,127}$',
      },
      default: [],
    },
    maxEntries: integer('An answer with more entries is refused.', 1, 1000, { default: 10 }),
    connections,
    timeoutMs,
  },
  { required: ['url', 'baseDn', 'filter'] },
)

/** Databases by name: the operator's, or one tenant's own. */
export const DATABASES_SCHEMA: Json = {
  description: 'Databases that plugins may ask by the queries below, by name.',
  type: 'object',
  maxProperties: SOURCES,
  ...NAME,
  additionalProperties: database,
}

/** LDAP directories by name. */
export const DIRECTORIES_SCHEMA: Json = {
  description: 'LDAP directories that plugins may search, by the name that they are granted by.',
  type: 'object',
  maxProperties: SOURCES,
  ...NAME,
  additionalProperties: directory,
}
