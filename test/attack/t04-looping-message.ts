import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'T04',
  class: 'time',
  title: 'error with a looping message getter: it is read under the limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;) {} } })
  },
})`,
  endings: ['timeout'],
}
