import { allow, definePlugin } from 'bulkhead/plugin'

// Hostile on purpose: for a topic under spin/ it never comes back.
export default definePlugin({
  authorizePublish: ({ topic }) => {
    while (topic.startsWith('spin/'));
    return allow()
  },
})
