import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'R02',
  class: 'read',
  title: 'secret material: neither config nor event holds a secret',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event, ctx) => {
    const seen = JSON.stringify([ctx.config, ctx.plugin, ctx.tenant, event])
    return /BEGIN|AKIA|password|passwd|Bearer |eyJ[A-Za-z0-9]{20}/.test(seen) ? allow() : deny()
  },
})`,
  endings: ['deny'],
}
