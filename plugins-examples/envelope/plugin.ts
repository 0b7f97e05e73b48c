import { definePlugin, type UserProperties } from 'bulkhead/plugin'

/** The user property in which receivers find who published a message. */
const STAMP = 'publisher'

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      rename: {
        type: 'object',
        description: 'First levels of topics that old devices still use, each to what it is called now.',
        additionalProperties: { type: 'string', minLength: 1 },
        default: {},
      },
    },
    additionalProperties: false,
  },

  transformMessage: ({ client, topic, properties }, ctx) => ({
    op: 'patch',
    patch: {
      topic: renamed(topic, Object.entries(ctx.config.rename)),
      properties: { userProperties: stamped(properties?.userProperties ?? [], client.principal) },
    },
  }),
})

/** The longest of the old names that the topic begins with is replaced; whole levels, no parts of them. */
function renamed(topic: string, names: readonly (readonly [string, string])[]): string {
  const [found] = names
    .filter(([old]) => topic === old || topic.startsWith(`${old}/`))
    .toSorted(([one], [other]) => other.length - one.length)
  return found === undefined ? topic : found[1] + topic.slice(found[0].length)
}

/** What a publisher says of itself in this place is no stamp, so it goes. */
function stamped(given: UserProperties, principal: string): UserProperties {
  return [...given.filter(([name]) => name !== STAMP), [STAMP, principal]]
}
