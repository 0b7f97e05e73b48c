import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V37',
  class: 'capability',
  title: 'arguments as big as they may be, as many as there may be: bounded, and refused in words',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: async (event, ctx) => {
    const big = 'é'.repeat(60000)
    const asked = Array.from({ length: 20 }, (_, at) => async () => ctx.kv.set('k' + at, { big }))
    await Promise.allSettled(asked.map((ask) => ask()))
    return deny()
  },
})`,
  endings: ['deny', 'unsettled', 'threw', 'timeout', 'deadline', 'memory', 'crash', 'overload'],
  burst: 32,
}
