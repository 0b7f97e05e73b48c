import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'F01',
  class: 'flood',
  title: 'log flood: sixteen lines pass, the others are counted',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event, ctx) => {
    for (let line = 0; line < 2000; line += 1) ctx.log.info('x'.repeat(100) + line)
    return deny()
  },
})`,
  endings: ['deny'],
  // sixteen a call, and a line that counts the others
  linesAtMost: 34,
  logs: /dropped/,
}
