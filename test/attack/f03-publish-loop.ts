import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'F03',
  class: 'flood',
  title: 'a message for every message: its own do not come back to it, so that each leads to one more',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { publish: { topics: ['loop'] } },
  authorizePublish: () => allow(),
  onBrokerMessageReceived: (event, ctx) => {
    ctx.publish({ topic: 'loop', payload: 'again' })
  },
})`,
  endings: ['allow'],
  hook: 'onBrokerMessageReceived',
  // one for each of the four messages that provoke it
  deliversAtMost: 4,
}
