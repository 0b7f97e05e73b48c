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
  // `closed`: a blocked source is refused without being asked about
  endings: ['timeout', 'closed'],
  times: 6,
}
