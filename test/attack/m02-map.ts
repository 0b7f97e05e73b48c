import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M02',
  class: 'memory',
  title: 'a map that doubles: the cell may abort, the broker does not',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const map = new Map()
    for (let at = 0; ; at += 1) map.set(at, at)
  },
})`,
  endings: ['crash', 'timeout', 'memory', 'deadline'],
}
