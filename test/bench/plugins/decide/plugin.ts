import { allow, definePlugin, deny } from 'bulkhead/plugin'

/** Decides everything that the load generator does; no answer may be remembered. */
export default definePlugin({
  authenticate: () => allow(),
  authorizePublish: (event) => (event.topic.startsWith('load/') ? allow() : deny('notAuthorized')),
})
