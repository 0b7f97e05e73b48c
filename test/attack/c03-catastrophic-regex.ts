import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C03',
  class: 'cpu',
  title: 'catastrophic regular expression: backtracking is interrupted',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => (/^(a+)+$/.test('a'.repeat(40) + 'b') ? allow() : deny()),
})`,
  endings: ['timeout'],
}
