import { abstain, allow, definePlugin, deny } from 'bulkhead/plugin'
import { ask, SERVER_OPTIONS } from './server.ts'

/** What the server is told that the client wants to do. */
const ACCESS = { receive: 1, publish: 2, subscribe: 4 } as const

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      ...SERVER_OPTIONS,
      topic_uri: { type: 'string', minLength: 1, default: '/acl', description: 'Who may use a topic.' },
      cache_sec: {
        type: 'integer',
        minimum: 0,
        maximum: 3600,
        default: 0,
        description: 'How long an answer holds for the same client, action and topic.',
      },
      superuser_uri: {
        type: 'string',
        minLength: 1,
        description: 'Who may use every topic; asked first. Absent: nobody.',
      },
    },
    required: ['host', 'port'],
    additionalProperties: false,
  },
  // where the server is, the operator says
  capabilities: { fetch: true },

  async topicFiltering({ client, topic, action }, { config, fetch }) {
    const kept = config.cache_sec === 0 ? {} : { cacheMs: config.cache_sec * 1000 }
    const who = { username: client.username ?? '', client_id: client.clientId }
    const { superuser_uri: superuser } = config
    if (superuser !== undefined && (await ask(fetch, config, superuser, who)) === true) return allow(kept)
    const answer = await ask(fetch, config, config.topic_uri, { ...who, topic, acc: ACCESS[action] })
    if (answer === null) return abstain()
    return answer ? allow(kept) : deny({ ...kept, code: 0x87, reason: 'the access list refuses it' })
  },
})
