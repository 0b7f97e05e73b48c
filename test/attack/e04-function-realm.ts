import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'E04',
  class: 'escape',
  title: 'host function realm: every function within reach is of the isolate itself',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event, ctx) => {
    const foreign = []
    for (const own of [ctx.log.info, console.log, allow]) {
      for (let at = Object.getPrototypeOf(own); at !== null; at = Object.getPrototypeOf(at)) {
        foreign.push(at !== Object.getPrototypeOf(() => {}) && at !== Object.prototype)
      }
    }
    return foreign.some(Boolean) ? allow() : deny()
  },
})`,
  endings: ['deny'],
}
