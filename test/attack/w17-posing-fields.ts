import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W17',
  class: 'spoof',
  title: "log fields under the names of the host's own: they stay beside them",
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event, ctx) => {
    const fields = JSON.parse(
      '{"__proto__":{"level":60},"level":60,"time":0,"tenant":"bystander","msg":"well"}',
    )
    ctx.log.info('posing', fields)
    ctx.log.info('posing', { toJSON: () => JSON.rawJSON('1e400') })
    ctx.log.info('posing', [fields])
    return deny()
  },
})`,
  logs: /posing/,
  endings: ['deny'],
}
