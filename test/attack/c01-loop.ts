import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C01',
  class: 'cpu',
  title: 'while(1): the soft limit ends it',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    while (true) {}
  },
})`,
  endings: ['timeout'],
}
