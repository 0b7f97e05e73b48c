import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M10',
  class: 'memory',
  title: '1 GB ArrayBuffer: refused inside, the cell survives',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    new ArrayBuffer(1e9)
    return allow()
  },
})`,
  // the allocator collects garbage before it refuses: on a busy machine that can take longer than the soft
  // limit
  endings: ['threw', 'timeout'],
  cell: 'lives',
}
