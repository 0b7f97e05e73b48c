import { attack } from '../support/attack-run.ts'

attack({
  title: 'R02 read · secret material: neither config nor event holds a secret',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event, ctx) => {
    const seen = JSON.stringify([ctx.config, ctx.plugin, ctx.tenant, event])
    return /BEGIN|AKIA|password|passwd|Bearer |eyJ[A-Za-z0-9]{20}/.test(seen) ? allow() : deny()
  },
})`,
  endings: ['deny'],
})
