import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'H03',
  class: 'crash',
  title: 'an error message of half a gigabyte: 256 characters of it cross',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    throw new Error('x'.repeat(2 ** 29 - 24))
  },
})`,
  endings: ['threw', 'memory', 'deadline', 'timeout', 'crash'],
}
