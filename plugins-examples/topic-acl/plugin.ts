import { allow, type Client, definePlugin, deny } from 'bulkhead/plugin'
import { covers, parseRule, type TopicRule } from './topic-rule.ts'

type Action = 'publish' | 'subscribe' | 'receive'
type AccessList = Readonly<Record<string, readonly string[]>>

/** The options, split once; an isolate may be replaced at any moment, and `setup` then fills it again. */
const listOf = new Map<Action, ReadonlyMap<string, readonly TopicRule[]>>()

/** aMQTT's: a client of this name may do everything. */
const ADMIN = 'admin'

function mayUse(action: Action, client: Client, topic: string): boolean {
  const list = listOf.get(action)
  // what has no list is left open; who is not on it is let do nothing
  if (list === undefined || client.principal === ADMIN) return true
  return list.get(client.principal)?.some((rule) => covers(rule, topic, client)) ?? false
}

function parsed(list: AccessList): ReadonlyMap<string, readonly TopicRule[]> {
  return new Map(Object.entries(list).map(([user, filters]) => [user, filters.map(parseRule)]))
}

const ACCESS_LIST = {
  type: 'object',
  additionalProperties: { type: 'array', items: { type: 'string', minLength: 1 } },
} as const

export default definePlugin({
  config: {
    type: 'object',
    description: 'User name to topic filters; `anonymous` is everybody without a name.',
    properties: {
      publish_acl: { ...ACCESS_LIST, description: 'Who may publish where; absent: everybody everywhere.' },
      subscribe_acl: { ...ACCESS_LIST, description: 'Who may subscribe to what; absent: all to all.' },
      receive_acl: { ...ACCESS_LIST, description: 'Who gets what is published where; absent: all get all.' },
      acl: { ...ACCESS_LIST, description: 'The older name of subscribe_acl.' },
    },
    additionalProperties: false,
  },

  setup({ config: { publish_acl: publish, subscribe_acl: subscribe, receive_acl: receive, acl } }) {
    if (acl !== undefined && subscribe !== undefined)
      throw new Error('`acl` is the older name of `subscribe_acl`: give one of them')
    for (const [action, list] of Object.entries({ publish, subscribe: subscribe ?? acl, receive }))
      if (list !== undefined) listOf.set(action as Action, parsed(list))
  },

  authorizePublish: ({ client, topic }) =>
    mayUse('publish', client, topic)
      ? allow()
      : deny('notAuthorized', `${client.principal} may not publish to this topic`),

  authorizeSubscribe: ({ client, filters }) => ({
    filters: filters.map(({ filter }) =>
      mayUse('subscribe', client, filter)
        ? allow()
        : deny('notAuthorized', `${client.principal} may not subscribe here`),
    ),
  }),

  authorizeReceive: ({ message, targets }) => ({
    default: 'allow',
    except: [...targets.keys()].filter((index) => {
      const target = targets[index]
      return target === undefined || !mayUse('receive', target.client, message.topic)
    }),
  }),
})
