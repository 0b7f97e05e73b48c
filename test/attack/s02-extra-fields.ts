import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'S02',
  class: 'spoof',
  title: 'extra authority fields: an unknown key spoils the verdict',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'allow', superuser: true, tenant: 't2' }),
})`,
  endings: ['bad-verdict'],
  detail: /"superuser": is unknown/,
}
