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
  // `crash`: where a machine is so loaded that a frame, of the timer or of questions, is late until its cell
  // is killed, all that waits in the cell or stands behind that frame ends with the cell
  endings: ['unsettled', 'timeout', 'deadline', 'crash', 'overload', 'throttled', 'closed'],
}
