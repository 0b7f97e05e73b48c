import { allow, definePlugin, deny } from 'bulkhead/plugin'

/** `$shadow/DEVICE/…`, a topic or a filter. */
const SHADOW = /^\$shadow\/([^/]+)\/./
/** What a device may publish: what else is there are the answers of device-shadow, which nobody may forge. */
const REQUEST = /^\$shadow\/[^/]+\/[^/]+\/(get|update)$/
/** Begins the principals of plugins, which no client can have: device-shadow is one of them. */
const PLUGIN = 'plugin:'

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      superusers: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        description: 'User names that may use the shadows of all devices: the application that steers them.',
        default: [],
      },
    },
    additionalProperties: false,
  },

  topicFiltering({ client, topic, action }, { config }) {
    const device = SHADOW.exec(topic)?.[1]
    if (device === undefined) return deny('notAuthorized', 'not a topic of a shadow')
    if (client.principal.startsWith(PLUGIN)) return allow()
    const isOwn = device === client.principal || config.superusers.includes(client.principal)
    const isRequest = action !== 'publish' || REQUEST.test(topic)
    return isOwn && isRequest ? allow() : deny('notAuthorized', `${client.principal} may not use this shadow`)
  },
})
