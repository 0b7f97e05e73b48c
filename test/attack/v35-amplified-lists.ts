import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V35',
  class: 'capability',
  title: 'many lists of big values at once: what a flood of small calls makes the host do is bounded',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 1048576 } },
  authorizePublish: async (event, ctx) => {
    const value = 'v'.repeat(16000)
    const from = (turn++ % 2) * 8
    for (let at = 0; at < 8; at += 1) {
      if (turn <= 2) await ctx.kv.set('k' + (from + at), value)
    }
    if (turn > 2) await Promise.allSettled(Array.from({ length: 8 }, () => ctx.kv.list('k')))
    return deny()
  },
})
let turn = 0`,
  endings: [
    'deny',
    'unsettled',
    'timeout',
    'deadline',
    'memory',
    'crash',
    'threw',
    'overload',
    'quarantined',
    'throttled',
    'closed',
  ],
  times: 4,
  burst: 12,
}
