import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'H02',
  class: 'crash',
  title: 'deep result: it cannot be serialised, the cell survives',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    let deep = {}
    for (let at = 0; at < 1e5; at += 1) deep = { deep }
    return deep
  },
})`,
  endings: ['threw', 'bad-verdict', 'timeout'],
}
