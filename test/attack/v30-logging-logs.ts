import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V30',
  class: 'flood',
  title: 'log lines that log while they are written: the budget counts them all',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event, ctx) => {
    const again = {
      toJSON: () => ctx.log.info('again', again) ?? {},
      toString: () => ctx.log.info('more') ?? 'x',
    }
    for (let at = 0; at < 50; at += 1) {
      try { ctx.log.info(again, again) } catch {}
    }
    return deny()
  },
})`,
  endings: ['deny', 'threw', 'timeout'],
  linesAtMost: 34,
}
