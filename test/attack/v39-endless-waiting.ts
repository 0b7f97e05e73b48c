import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V39',
  class: 'time',
  title: 'a thousand questions that wait for each other: each is answered within its time',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 1024 } },
  authorizePublish: async (event, ctx) => {
    await ctx.kv.get('k')
    return new Promise(() => {})
  },
})`,
  endings: ['unsettled', 'overload', 'closed'],
  burst: 100,
}
