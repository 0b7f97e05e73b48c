import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'F02',
  class: 'flood',
  title: 'a flood of publishes: four a call, and none of a call that failed',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { publish: { topics: ['#'] } },
  authorizePublish: (event, ctx) => {
    for (;;) ctx.publish({ topic: 'flood', payload: 'y' })
  },
})`,
  endings: ['threw'],
  deliversAtMost: 0,
}
