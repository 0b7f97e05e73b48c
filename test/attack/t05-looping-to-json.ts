import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'T05',
  class: 'time',
  title: 'toJSON loop: a verdict is serialised under the limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'allow', toJSON() { for (;;) {} } }),
})`,
  endings: ['timeout'],
}
