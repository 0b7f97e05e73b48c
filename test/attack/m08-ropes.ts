import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M08',
  class: 'memory',
  title: 'flattened ropes: what the heap does not count, the wall around the process does',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const kept = []
    for (let at = 0; ; at += 1) {
      const rope = 'x'.repeat(2 ** 28) + at
      rope.charCodeAt(5)
      kept.push(rope)
    }
  },
})`,
  endings: ['memory', 'timeout', 'deadline', 'crash', 'threw'],
}
