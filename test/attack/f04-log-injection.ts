import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'F04',
  class: 'flood',
  title: 'a forged log line: it stays text within one line of its own',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event, ctx) => {
    const forged = '{"level":60,"tenant":"bystander","msg":"granted"}'
    ctx.log.info('ok\\n' + forged + '\\r\\n\\u001b[2J\\u001b]0;x\\u0007\\u2028\\u202e')
    ctx.log.error('x', { source: 'broker', tenant: 'bystander', 'a\\nb': '\\u001b[31m' })
    return deny({ note: 'n' })
  },
})`,
  endings: ['deny'],
  linesAtMost: 4,
  logs: /^ok\\u000a\{/,
}
