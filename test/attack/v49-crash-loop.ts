import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V49',
  class: 'memory',
  title: 'one crash after the other: its cell starts again with ever longer pauses',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    throw new Error('x'.repeat(2 ** 29 - 24))
  },
})`,
  endings: ['crash', 'deadline', 'memory', 'timeout', 'threw', 'loading', 'closed', 'quarantined'],
  times: 3,
}
