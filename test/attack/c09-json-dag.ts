import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C09',
  class: 'cpu',
  title: 'an answer that doubles with each level: it is never written out',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    let node = {}
    for (let level = 0; level < 26; level += 1) node = { left: node, right: node }
    return node
  },
})`,
  endings: ['timeout', 'threw', 'memory', 'deadline', 'crash'],
}
