import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V06',
  class: 'pollute',
  title: 'everything has a then that loops: it is asked for under the limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => {
    Object.defineProperty(Object.prototype, 'then', { get() { for (;;) {} } })
  },
  authorizePublish: () => deny({ note: 'x' }),
})`,
  endings: ['timeout', 'load-failed'],
}
