import { allow, definePlugin, deny, type QueryRow } from 'bulkhead/plugin'
import { covers } from './topic-rule.ts'

/** What somebody may do, as the row says it, until it is to be read anew. */
interface Known {
  readonly row: QueryRow | undefined
  readonly until: number
}

/** A message for a thousand subscribers is a thousand questions: few of them may reach the database. */
const known = new Map<string, Known>()
const MOST_KNOWN = 1000

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      rememberSec: {
        type: 'integer',
        description: 'For so many seconds a row is good before it is read anew.',
        minimum: 0,
        maximum: 3600,
        default: 10,
      },
    },
    additionalProperties: false,
  },
  capabilities: { query: { names: ['findTopics'] } },

  async topicFiltering({ client, topic, action }, ctx) {
    const username = client.principal
    const found = known.get(username)
    const row =
      found !== undefined && Date.now() < found.until
        ? found.row
        : remember(username, await ctx.query('findTopics', { username }), ctx.config.rememberSec)
    const filters = filtersOf(row?.[`${action}_acl`])
    return filters.some((filter) => covers(filter, topic)) ? allow() : deny('notAuthorized', 'not your topic')
  },
})

function remember(username: string, [row]: readonly QueryRow[], seconds: number): QueryRow | undefined {
  // the one that was read longest ago goes
  known.delete(username)
  const [oldest] = known.keys()
  if (oldest !== undefined && known.size >= MOST_KNOWN) known.delete(oldest)
  known.set(username, { row, until: Date.now() + seconds * 1000 })
  return row
}

/** A column is a JSON list: of topic filters, or of objects with a `topic`, as aMQTT writes it. */
function filtersOf(column: unknown): readonly string[] {
  if (typeof column !== 'string') return []
  const list: unknown = JSON.parse(column)
  if (!Array.isArray(list)) return []
  return list
    .map((each: unknown) =>
      typeof each === 'object' && each !== null && 'topic' in each ? each.topic : each,
    )
    .filter((each) => typeof each === 'string')
}
