import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V45',
  class: 'time',
  title: 'a loop in what is only told: nothing that is asked waits for it',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => allow(),
  onBrokerMessageReceived: () => {
    for (;;) {}
  },
})`,
  endings: ['timeout', 'quarantined'],
  hook: 'onBrokerMessageReceived',
}
