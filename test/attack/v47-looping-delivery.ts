import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V47',
  class: 'cpu',
  title: 'a loop in the question about a delivery: the neighbour gets its own',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => allow(),
  authorizeReceive: () => {
    for (;;) {}
  },
})`,
  endings: ['timeout', 'quarantined'],
  hook: 'authorizeReceive',
}
