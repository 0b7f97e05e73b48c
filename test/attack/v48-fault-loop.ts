import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V48',
  class: 'cpu',
  title: 'one fault after the other: isolates are made anew until its source is blocked',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    for (;;) {}
  },
})`,
  endings: ['timeout', 'quarantined'],
  times: 6,
}
