import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'T07',
  class: 'time',
  title: 'awaiting for ever: so many calls a question, and no more',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 1024 } },
  authorizePublish: async (event, ctx) => {
    for (;;) await ctx.kv.get('k')
  },
})`,
  endings: ['threw'],
}
