import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'X03',
  class: 'cross-tenant',
  title: 'topics of others: what a plugin publishes stays in its own tenant',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { publish: { topics: ['own/#'] } },
  authorizePublish: (event, ctx) => {
    const from = (turn++ * 4) % TOPICS.length
    for (const topic of TOPICS.slice(from, from + 4)) {
      try {
        ctx.publish({ topic, payload: 'x' })
      } catch {}
    }
    return deny()
  },
})
let turn = 0
const TOPICS = [
  'open', '$SYS/x', 'own/../open', 'own/#', 'own/+', '/open', 'own/\\u0000', 'OWN/x', '$share/g/open',
  'bystander/open', 'own', '',
]`,
  endings: ['deny'],
  times: 3,
  // `own` itself is what own/# allows; nothing else may arrive
  deliversAtMost: 3,
}
