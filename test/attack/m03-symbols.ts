import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M03',
  class: 'memory',
  title: 'symbol registry: the cell may abort, the broker does not',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    for (let at = 0; ; at += 1) Symbol.for('s' + at)
  },
})`,
  endings: ['crash', 'timeout', 'memory', 'deadline'],
}
