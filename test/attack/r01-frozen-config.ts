import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'R01',
  class: 'read',
  title: 'mutate frozen config: ctx.config stays what the operator wrote',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  config: {
    type: 'object',
    properties: { limits: { type: 'object', properties: { maxQos: { type: 'integer', default: 1 } } } },
  },
  authorizePublish: (event, ctx) => {
    try { ctx.config.limits.maxQos = 9 } catch {}
    try { delete ctx.config.limits } catch {}
    try { Object.setPrototypeOf(ctx.config, { limits: { maxQos: 9 } }) } catch {}
    try { Object.defineProperty(ctx, 'config', { value: { limits: { maxQos: 9 } } }) } catch {}
    try { event.client.principal = 'root' } catch {}
    return ctx.config.limits.maxQos === 1 && Object.isFrozen(event) ? deny() : allow()
  },
})`,
  options: { limits: { maxQos: 1 } },
  endings: ['deny'],
}
