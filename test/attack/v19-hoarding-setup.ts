import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V19',
  class: 'upgrade',
  title: 'a setup that hoards: it never becomes active, and its tenant alone is closed',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => {
    const kept = []
    for (;;) kept.push({})
  },
  authorizePublish: () => allow(),
})`,
  endings: ['load-failed'],
}
