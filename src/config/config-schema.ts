import { DRAIN_MOST_SEC, LISTENERS, METRIC_SERIES, SERVER_REFERENCE_CHARS, TENANTS } from '../base/limits.ts'
import { LEGACY_SCHEMAS } from './legacy-schema.ts'
import { limitsSchema } from './limits-schema.ts'
import { LISTENER_SCHEMA } from './listener-schema.ts'
import { MQTT_SCHEMA } from './mqtt-schema.ts'
import type { Quantity } from './quantity.ts'
import { choice, flag, integer, type Json, map } from './schema-nodes.ts'
import { DATABASES_SCHEMA, DIRECTORIES_SCHEMA } from './source-schema.ts'
import { PLUGIN_SCHEMA, SINGLE_TENANT_KEYS, SINGLE_TENANT_SCHEMAS, TENANT_SCHEMA } from './tenant-schema.ts'

const THRESHOLDS = ['info', 'warn', 'error', 'off'] as const

/** Names of listeners and tenants: they become labels of metrics and levels of topics. */
const NAMES = { propertyNames: { format: 'name' } } as const

/**
 * The one description of a config, for ajv, for editors and for people. Defaults are here and nowhere else,
 * but for quotas, whose default depends on the tenant.
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
    data: {
      description:
        'A folder for what outlives the process: sessions, messages that are owed, retained messages, ' +
        'what plugins keep, the audit. Absent: memory only.',
      type: 'string',
      minLength: 1,
    },
    durability: choice(
      'When a message is acknowledged: when the disk has it (fsync), when the operating system has it ' +
        '(os: what is lost with the power, not with the process), or at once, with nothing kept (memory).',
      ['fsync', 'os', 'memory'],
      { default: 'fsync' },
    ),
    controlSocket: {
      description:
        'The Unix socket on which the broker answers `bulkhead explain`: a path, or off. ' +
        'Default: one in the folder for runtime files, named by the process.',
      type: 'string',
      minLength: 1,
    },
    mqtt: MQTT_SCHEMA,
    sys: map(
      'What the broker tells of itself in $SYS topics.',
      {
        intervalSec: integer('How often, in seconds; 0: never.', 0, 86_400, { default: 10 }),
      },
      { default: {} },
    ),
    log: map(
      'Which lines of the log are written; the audit is, whatever is said here.',
      {
        level: choice('The least of which lines are written.', THRESHOLDS, { default: 'info' }),
        levels: map(
          'Other thresholds, by what lines are about.',
          {
            client: choice('Refusals, and bounds that were met.', THRESHOLDS),
            plugin: choice("Plugins' own lines, faults and states.", THRESHOLDS),
            cell: choice('Cells that end.', THRESHOLDS),
            store: choice('The disk.', THRESHOLDS),
            source: choice('Databases and directories.', THRESHOLDS),
            listener: choice('Who does not come so far that MQTT could be spoken.', THRESHOLDS),
          },
          { default: {} },
        ),
      },
      { default: {} },
    ),
    metrics: map(
      'What the broker measures of itself.',
      {
        bind: {
          description:
            'HOST:PORT where /metrics, /livez and /readyz are served by HTTP, without credentials, such as ' +
            '127.0.0.1:9464. Default: nowhere.',
          type: 'string',
          format: 'bind-address',
        },
        series: integer(
          'Tenants with series of their own, and plugins; the others share those of "_other".',
          1,
          METRIC_SERIES.most,
          { default: METRIC_SERIES.usual },
        ),
      },
      { default: {} },
    ),
    admin: map(
      'The admin API, by which operators manage tenants, and tenants their plugins.',
      {
        bind: {
          description:
            'HOST:PORT of a loopback address where it is served by HTTP, such as 127.0.0.1:18083; for ' +
            'others put a proxy with TLS before it. Default: nowhere but on the control socket.',
          type: 'string',
          format: 'bind-address',
        },
        tenants: choice(
          'Whether tenants can be made at run time, beside those of the config.',
          ['on', 'off'],
          {
            default: 'on',
          },
        ),
      },
      { default: {} },
    ),
    drainSec: integer(
      'A broker that is told to stop sends its clients away over so many seconds, in waves; 0: at once.',
      0,
      DRAIN_MOST_SEC,
      { default: 0 },
    ),
    serverReference: {
      description:
        'Another server, as HOST or HOST:PORT: MQTT 5 clients are told to use it when this one stops.',
      type: 'string',
      minLength: 1,
      maxLength: SERVER_REFERENCE_CHARS,
    },
    databases: { $ref: '#/$defs/databases', default: {} },
    directories: { $ref: '#/$defs/directories', default: {} },
    ...Object.fromEntries(SINGLE_TENANT_KEYS.map((key) => [key, { $ref: `#/$defs/${key}` }])),
    ...LEGACY_SCHEMAS,
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
        startWaitMs: integer(
          'How long a question waits for a cell that starts, from when its start begins.',
          0,
          60_000,
          { default: 5000 },
        ),
        startQueueMs: integer(
          "How long a question waits until then, while other tenants' cells start or work.",
          0,
          600_000,
          { default: 30_000 },
        ),
        idleStopSec: integer(
          'A cell that is asked nothing for so many seconds stops, unless timers run in it.',
          1,
          86_400,
          { default: 300 },
        ),
        spareCells: integer('Cells that wait, started, for the next tenant that wakes.', 0, 64, {
          default: 1,
        }),
        maxCells: {
          description:
            'Cells that run at once, spares included: auto, from the memory, or a number. ' +
            'Above it tenants take turns: the cell that was idle for longest stops, else the greediest.',
          type: ['integer', 'string'],
          quantity: 'countOrAuto' satisfies Quantity,
          minimum: 1,
          maximum: 100_000,
          default: 'auto',
        },
        jit: flag('Compile plugins to machine code, unless a tenant says otherwise.', { default: false }),
        limits: limitsSchema(
          "Limits of a tenant's cell and plugins: the default and the maximum of every tenant's.",
          true,
        ),
      },
      { default: {} },
    ),
  }),
  $defs: {
    listener: LISTENER_SCHEMA,
    tenant: TENANT_SCHEMA,
    plugin: PLUGIN_SCHEMA,
    databases: DATABASES_SCHEMA,
    directories: DIRECTORIES_SCHEMA,
    ...SINGLE_TENANT_SCHEMAS,
  },
}
