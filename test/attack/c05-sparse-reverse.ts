import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C05',
  class: 'cpu',
  title: 'reversing a sparse array: what no limit interrupts is killed',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const sparse = []
    sparse.length = 2 ** 32 - 1
    sparse.reverse()
    return allow()
  },
})`,
  endings: ['deadline'],
  cell: 'killed',
}
