import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W18',
  class: 'pollute',
  title: 'refusals that cannot be built, since all inherit a getter: the question is refused all the same',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: async (event, ctx) => {
    const asked = ctx.kv.get('x'.repeat(1000)).then(allow, allow)
    Object.defineProperty(Object.prototype, 'get', { value: () => 1, configurable: true })
    try {
      await ctx.kv.set('x'.repeat(1000), 1)
    } catch {}
    await asked
    delete Object.prototype.get
    return deny()
  },
})`,
  endings: ['deny', 'threw', 'unsettled', 'timeout', 'deadline'],
}
