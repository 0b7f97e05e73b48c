import { allow, definePlugin, deny, type DirectoryEntry } from 'bulkhead/plugin'
import { covers } from './topic-rule.ts'

type Attributes = DirectoryEntry['attributes']

/** What somebody may do, as the entry says it, until it is to be read anew. */
interface Known {
  readonly attributes: Attributes
  readonly until: number
}

/** A message for a thousand subscribers is a thousand questions: few of them may reach the directory. */
const known = new Map<string, Known>()
const MOST_KNOWN = 1000

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      publishAttribute: { type: 'string', description: 'Has the topic filters to publish to.' },
      subscribeAttribute: { type: 'string', description: 'Has those to subscribe to.' },
      receiveAttribute: { type: 'string', description: 'Has those to receive from.' },
      rememberSec: {
        type: 'integer',
        description: 'For so many seconds an entry is good before it is read anew.',
        minimum: 0,
        maximum: 3600,
        default: 10,
      },
    },
    required: ['publishAttribute', 'subscribeAttribute', 'receiveAttribute'],
    additionalProperties: false,
  },
  capabilities: { ldap: { names: ['users'] } },

  async topicFiltering({ client, topic, action }, ctx) {
    const username = client.principal
    const found = known.get(username)
    const attributes =
      found !== undefined && Date.now() < found.until
        ? found.attributes
        : remember(username, await ctx.ldap.search('users', { username }), ctx.config.rememberSec)
    const filters = attributes[ctx.config[`${action}Attribute`]] ?? []
    return filters.some((filter) => covers(filter, topic)) ? allow() : deny('notAuthorized', 'not your topic')
  },
})

/** Of two entries nobody can say which one is meant: then nothing is allowed. */
function remember(username: string, entries: readonly DirectoryEntry[], seconds: number): Attributes {
  const [entry] = entries
  const attributes = entry === undefined || entries.length > 1 ? {} : entry.attributes
  // the one that was read longest ago goes
  known.delete(username)
  const [oldest] = known.keys()
  if (oldest !== undefined && known.size >= MOST_KNOWN) known.delete(oldest)
  known.set(username, { attributes, until: Date.now() + seconds * 1000 })
  return attributes
}
