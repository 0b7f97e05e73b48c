import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V08',
  class: 'flood',
  title: 'a stack with a position of a million digits: what crosses of a fault is bounded',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const error = new Error('x'.repeat(1e5))
    error.stack = 'plugin:main:' + '1'.repeat(1e6)
    throw error
  },
})`,
  endings: ['threw', 'timeout'],
  cell: 'lives',
}
