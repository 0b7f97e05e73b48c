import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'H01',
  class: 'crash',
  title: 'deep recursion: it throws, the cell survives',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const deeper = () => deeper()
    return deeper()
  },
})`,
  endings: ['threw'],
  cell: 'lives',
}
