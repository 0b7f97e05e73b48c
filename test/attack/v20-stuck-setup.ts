import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V20',
  class: 'upgrade',
  title: 'a setup that no limit interrupts: killed, and its tenant alone is closed',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => {
    Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1)
  },
  authorizePublish: () => allow(),
})`,
  endings: ['load-failed'],
}
