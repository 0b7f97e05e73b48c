import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V33',
  class: 'capability',
  title: 'the ctx of a call that is over: it can do nothing any more',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: async (event, ctx) => {
    if (kept === undefined) {
      kept = { ctx, kv: ctx.kv }
      return deny()
    }
    for (const use of [() => kept.kv.set('k', 1), () => kept.ctx.kv.set('k', 1)]) {
      try {
        await use()
        return allow()
      } catch (error) {
        if (error.code !== 'notAllowed') return allow()
      }
    }
    return deny()
  },
})
let kept`,
  endings: ['deny'],
}
