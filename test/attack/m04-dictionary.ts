import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M04',
  class: 'memory',
  title: 'an object with ever more keys: the cell may abort, the broker does not',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const dictionary = {}
    for (let at = 0; ; at += 1) dictionary['k' + at] = 1
  },
})`,
  endings: ['crash', 'timeout', 'memory', 'deadline'],
}
