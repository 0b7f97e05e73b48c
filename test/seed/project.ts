/** A project as the two documents show it, with each of their samples as it stands. */

/** The Python sample, in TypeScript: two plugins in one module. */
const MODULE = `
import { definePlugin } from 'bulkhead/plugin'

/** This is a plugin with no functionality. */
export const OneClassName = definePlugin({})

/** This is a plugin with configuration options. */
export const TwoClassName = definePlugin({
  config: {
    type: 'object',
    properties: { option1: { type: 'integer' }, option3: { type: 'string', default: 'my_default_value' } },
    required: ['option1'],
    additionalProperties: false,
  },
  capabilities: { log: true },
  onBrokerPreStart: (_event, ctx) => ctx.log.info('options', ctx.config),
})
`

/** What `plugin_alias` and `plugin_alias_name` stand for: a plugin that does both, and hears of clients. */
const BOTH = `
import { definePlugin } from 'bulkhead/plugin'
export const ClassName = definePlugin({
  capabilities: { log: true },
  authenticate: (event) => event.username === 'ann',
  topicFiltering: (event) => event.topic.startsWith('open/'),
  onBrokerClientConnected: (event, ctx) => ctx.log.info('connected', { plugin: ctx.plugin.name }),
})
export default ClassName
`

/** The sample of the modern form. */
const MODERN = `...
...
plugins:
  module.submodule.file.OneClassName:
  module.submodule.file.TwoClassName:
    option1: 123
`

/** The samples of the older form. */
const AUTH = `auth:
  plugins:
    - plugin_alias_name
`
const TOPIC_CHECK = `topic-check:
  enable: True
  plugins:
    - plugin_alias_name
`

export const NAMESPACE = 'mypackage.mymodule.plugins'

/** Files by relative path; package.json is the twin of pyproject.toml. */
export const PROJECT: Readonly<Record<string, string>> = {
  'module/submodule/file/plugin.ts': MODULE,
  'older/file/plugin.ts': BOTH,
  'package.json': JSON.stringify({
    bulkhead: {
      plugins: {
        [NAMESPACE]: { plugin_alias: 'older.file:ClassName', plugin_alias_name: 'older.file:ClassName' },
        'sample.plugins': { plugin_alias: 'module.submodule.file:OneClassName' },
      },
    },
  }),
  'modern.yaml': MODERN,
  'auth.yaml': AUTH,
  'topic-check.yaml': TOPIC_CHECK,
  'older.yaml': AUTH + TOPIC_CHECK,
}
