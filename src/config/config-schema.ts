import { LISTENERS, TENANTS } from '../base/limits.ts'
import { LEGACY_SCHEMAS } from './legacy-schema.ts'
import { limitsSchema } from './limits-schema.ts'
import { LISTENER_SCHEMA } from './listener-schema.ts'
import { MQTT_SCHEMA } from './mqtt-schema.ts'
import type { Quantity } from './quantity.ts'
import { choice, flag, integer, type Json, map } from './schema-nodes.ts'
import { DATABASES_SCHEMA, DIRECTORIES_SCHEMA } from './source-schema.ts'
import { PLUGIN_SCHEMA, SINGLE_TENANT_KEYS, SINGLE_TENANT_SCHEMAS, TENANT_SCHEMA } from './tenant-schema.ts'

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
    data: { description: 'A folder for durable state. Absent: memory only.', type: 'string', minLength: 1 },
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
