import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'P03',
  class: 'pollute',
  title: 'the API replaced: what was handed out stays what it was',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event, ctx) => {
    try { ctx.config = { open: true } } catch {}
    try { ctx.plugin.name = 'other' } catch {}
    try { globalThis.console = { log: 1 } } catch {}
    try { event.topic = 'open' } catch {}
    return ctx.plugin.name === 'hostile' && event.topic === 'attack' ? deny() : allow()
  },
})`,
  endings: ['deny'],
}
