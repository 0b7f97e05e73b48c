import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V36',
  class: 'capability',
  title: 'timers started and cancelled without end: it wears out its own tenant alone',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { timers: true },
  authorizePublish: (event, ctx) => {
    for (let at = 0; at < 2000; at += 1) ctx.timers.every(100, () => {}).cancel()
    return deny()
  },
})`,
  endings: ['deny', 'threw', 'crash', 'timeout', 'loading'],
}
