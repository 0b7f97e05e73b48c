import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C04',
  class: 'cpu',
  title: 'uninterruptible built-in: the deadline answers, SIGKILL ends it, the tenant is back',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => (Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1) ? allow() : deny()),
})`,
  endings: ['deadline'],
  cell: 'killed',
}
