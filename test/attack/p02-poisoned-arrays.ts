import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'P02',
  class: 'pollute',
  title: 'poisoned array protocols: a deny stays a deny',
  plugin: `
import { definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => {
    Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1 }
    Array.prototype.join = () => '],"a":[1],"x":['
    Object.defineProperty(Array.prototype, '0', { set() { for (;;) {} } })
  },
  authorizePublish: async () => {
    await null
    return deny()
  },
})`,
  endings: ['deny', 'timeout', 'threw'],
}
