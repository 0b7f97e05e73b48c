import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C10',
  class: 'cpu',
  title: 'a loop of slow built-ins: the interrupt that comes too late is no way around the deadline',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const bytes = new Uint8Array(2e7)
    for (;;) bytes.fill(1)
  },
})`,
  endings: ['deadline', 'timeout'],
}
