import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C08',
  class: 'cpu',
  title: 'loops in finally and catch: termination cannot be caught',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    for (;;) {
      try {
        while (true) {}
      } catch {
      } finally {
        while (true) {}
      }
    }
  },
})`,
  endings: ['timeout'],
}
