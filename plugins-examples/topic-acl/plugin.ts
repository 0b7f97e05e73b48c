import { allow, definePlugin, deny } from 'bulkhead/plugin'
import { type Asking, covers, parseRule, type TopicRule } from './topic-rule.ts'

/** The options, split once; an isolate may be replaced at any moment, and `setup` then fills it again. */
const rulesOf = new Map<string, readonly TopicRule[]>()

function mayUse(client: Asking, topic: string): boolean {
  return rulesOf.get(client.principal)?.some((rule) => covers(rule, topic, client)) ?? false
}

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      acl: {
        type: 'object',
        description:
          'User name to the topic filters that it may use; `anonymous` is everybody without a name.',
        additionalProperties: { type: 'array', items: { type: 'string', minLength: 1 } },
      },
    },
    required: ['acl'],
    additionalProperties: false,
  },

  setup(ctx) {
    for (const [user, filters] of Object.entries(ctx.config.acl)) rulesOf.set(user, filters.map(parseRule))
  },

  authorizePublish: ({ client, topic }) =>
    mayUse(client, topic)
      ? allow()
      : deny('notAuthorized', `${client.principal} may not publish to this topic`),

  authorizeSubscribe: ({ client, filters }) => ({
    filters: filters.map(({ filter }) =>
      mayUse(client, filter) ? allow() : deny('notAuthorized', `${client.principal} may not subscribe here`),
    ),
  }),

  // a subscription may be older than the rules, so each delivery is looked at too
  authorizeReceive: ({ message, targets }) => ({
    default: 'allow',
    except: [...targets.keys()].filter((index) => {
      const target = targets[index]
      return target === undefined || !mayUse(target.client, message.topic)
    }),
  }),
})
