import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V43',
  class: 'cpu',
  title: 'a login that no limit interrupts: refused at the deadline',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: () => (Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1) ? allow() : deny()),
})`,
  endings: ['deadline', 'loading', 'quarantined'],
  hook: 'authenticate',
  cell: 'killed',
}
