import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V38',
  class: 'capability',
  title: 'values that are no plain data: refused, or stored as what JSON makes of them',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: async (event, ctx) => {
    const cyclic = {}
    cyclic.self = cyclic
    let deep = 1
    for (let at = 0; at < 5000; at += 1) deep = [deep]
    const values = [cyclic, deep, 1n, JSON.parse('{"__proto__":{"polluted":1}}'), () => 1, Symbol('s')]
    for (const value of values) {
      try {
        await ctx.kv.set('k', value)
        const { value: stored } = (await ctx.kv.get('k')) ?? {}
        if (stored.polluted !== undefined || {}.polluted !== undefined) return allow()
      } catch (error) {
        if (error.message.includes('/')) return allow()
      }
    }
    return deny()
  },
})`,
  endings: ['deny'],
}
