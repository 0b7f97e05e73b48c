import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V25',
  class: 'crash',
  title: 'errors in errors, in a circle and by the million: one line is made of them',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    turn += 1
    const error = new Error('x')
    error.cause = error
    if (turn % 2 === 0) throw new AggregateError(Array(2e5).fill(error), 'y', { cause: error })
    throw new SuppressedError(error, error, 'z')
  },
})
let turn = 0`,
  endings: ['threw', 'timeout', 'memory'],
}
