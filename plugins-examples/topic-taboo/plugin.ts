import { allow, definePlugin, deny } from 'bulkhead/plugin'

const TABOO: ReadonlySet<string> = new Set(['prohibited', 'top-secret', 'data/classified'])

export default definePlugin({
  topicFiltering: ({ client, topic }) =>
    TABOO.has(topic) && client.principal !== 'admin' ? deny('notAuthorized', `${topic} is taboo`) : allow(),
})
