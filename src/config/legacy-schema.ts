import { flag, type Json } from './schema-nodes.ts'

const aliases: Json = {
  description: 'Aliases of plugins of the namespace. Absent: all that have the hook. []: none, so deny.',
  type: 'array',
  items: { description: 'An alias.', type: 'string', minLength: 1 },
}

/** The keys of aMQTT's older form, which stand at top level in place of `plugins:`. */
export const LEGACY_SCHEMAS: Readonly<Record<string, Json>> = {
  pluginNamespace: {
    description:
      "aMQTT's older form: the namespace in package.json (bulkhead.plugins) whose plugins are loaded. " +
      'Default, with `auth` or `topic-check`: bulkhead.broker.plugins, the bundled ones.',
    type: 'string',
    minLength: 1,
    maxLength: 256,
  },
  sys_interval: {
    description: "aMQTT's name of sys.intervalSec, in seconds.",
    type: 'integer',
    minimum: 0,
    maximum: 86_400,
  },
  auth: {
    description: "aMQTT's older form: who decides who connects, and the options of those plugins.",
    type: 'object',
    properties: { plugins: aliases },
  },
  'topic-check': {
    description: "aMQTT's older form: who decides about topics, and the options of those plugins.",
    type: 'object',
    properties: {
      enable: flag('Are topics checked? Default: true.'),
      enabled: flag('The same.'),
      plugins: aliases,
    },
  },
}
