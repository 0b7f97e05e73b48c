import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'B01',
  class: 'capability',
  title: 'the metadata service of a cloud: no request leaves',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { fetch: { hosts: ['allowed.example'] } },
  authorizePublish: async (event, ctx) => {
    try {
      await ctx.fetch('http://169.254.169.254/latest/meta-data/')
      return allow()
    } catch (error) {
      return error.code === 'notAllowed' || error.code === 'invalid' ? deny() : allow()
    }
  },
})`,
  allow: { fetch: { hosts: ['allowed.example'] } },
  endings: ['deny'],
}
