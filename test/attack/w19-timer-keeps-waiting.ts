import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W19',
  class: 'time',
  title: 'a timer that runs, and promises that never settle: each question ends in its time',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { timers: true },
  setup: (ctx) => {
    ctx.timers.every(100, () => {})
  },
  authorizePublish: () => new Promise(() => {}),
})`,
  burst: 20,
  endings: ['unsettled', 'timeout', 'deadline', 'overload', 'throttled', 'closed'],
}
