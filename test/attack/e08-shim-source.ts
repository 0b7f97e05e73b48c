import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'E08',
  class: 'escape',
  title: 'shim source: readable or not, it holds no secret',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event, ctx) => {
    const toText = Object.getPrototypeOf(() => {}).toString
    const text = [ctx.log.info, console.log, ArrayBuffer].map((own) => toText.call(own)).join()
    return /attacker|secret|node_modules|\\/tmp/.test(text) ? allow() : deny()
  },
})`,
  endings: ['deny', 'threw'],
}
