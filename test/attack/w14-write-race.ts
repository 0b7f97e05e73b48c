import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W14',
  class: 'capability',
  title: 'eight writes of one key at once, each if nobody wrote before: one of them wins',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
let turn = 0
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: async (event, ctx) => {
    const key = 'race ' + turn++
    const written = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map((value) => ctx.kv.set(key, value, { ifVersion: 0 })),
    )
    const winners = written.filter(({ ok }) => ok)
    const { version } = await ctx.kv.get(key)
    return winners.length === 1 && version === winners[0].version ? deny() : allow()
  },
})`,
  times: 4,
  endings: ['deny'],
}
