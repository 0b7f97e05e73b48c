import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'T02',
  class: 'time',
  title: 'a loop behind an awaited answer: what is resumed has the same limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 1024 } },
  authorizePublish: async (event, ctx) => {
    await ctx.kv.get('k')
    for (;;) {}
  },
})`,
  endings: ['timeout'],
}
