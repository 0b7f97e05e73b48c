import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'R05',
  class: 'read',
  title: "keys that look like another's: a key is a key of one's own",
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: async (event, ctx) => {
    const own = ['k\\u0000', '__proto__', 'constructor']
    for (const key of ['../bystander/secret', 'bystander:secret', '%2e%2e/bystander', ...own]) {
      try {
        if ((await ctx.kv.get(key)) !== undefined) return allow()
      } catch (error) {
        if (error.code !== 'invalid') return allow()
      }
    }
    return deny()
  },
})`,
  endings: ['deny'],
}
