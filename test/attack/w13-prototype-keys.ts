import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W13',
  class: 'capability',
  title: 'keys that every object has: a store has none of them until they are set',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'then',
  'toJSON',
]
let turn = 0
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: async (event, ctx) => {
    const key = KEYS[turn++ % KEYS.length]
    if ((await ctx.kv.get(key)) !== undefined) return allow()
    const { ok, version } = await ctx.kv.set(key, JSON.parse('{"__proto__":{"ok":true,"verdict":"allow"}}'), {
      ifVersion: 0,
    })
    if (!ok || version < 1) return allow()
    const { value } = await ctx.kv.get(key)
    if (!Object.hasOwn(value, '__proto__') || value.verdict === 'allow') return allow()
    const entries = await ctx.kv.list(key)
    const gone = await ctx.kv.delete(key)
    return entries.length === 1 && gone.ok && {}.ok === undefined ? deny() : allow()
  },
})`,
  times: 8,
  endings: ['deny'],
}
