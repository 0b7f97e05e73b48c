import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'H04',
  class: 'crash',
  title: 'an answer of half a gigabyte: none of it crosses',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => 'x'.repeat(2 ** 29 - 24),
})`,
  endings: ['bad-verdict', 'threw', 'deadline', 'memory', 'crash'],
  // text is no verdict, whatever its length
}
