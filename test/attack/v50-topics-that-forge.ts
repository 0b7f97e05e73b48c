import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V50',
  class: 'flood',
  title: 'topics outside of its grant that forge lines: refused, and shown escaped',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { publish: { topics: ['own/#'] } },
  authorizePublish: (event, ctx) => {
    const long = 'x'.repeat(1e5)
    const odd = ['\\n{"level":60}', '\\u001b[2J', 'own/\\u202e', long, { toString: () => 'own/x' }, null]
    for (const topic of odd) {
      try {
        ctx.publish({ topic, payload: 'x' })
        if (topic !== 'own/\\u202e') return allow()
      } catch {}
    }
    return deny()
  },
})`,
  endings: ['deny'],
  // one of the topics is within its grant, and a deny is a verdict: what it left to be done is done
  deliversAtMost: 2,
}
