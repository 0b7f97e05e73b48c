import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M09',
  class: 'memory',
  title: 'an array of a length that fits nowhere: the wall around the process holds',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => (Array.from({ length: 2 ** 27 }).length > 0 ? allow() : deny()),
})`,
  endings: ['deadline', 'memory', 'crash', 'timeout'],
}
