import { attack } from '../support/attack-run.ts'

attack({
  title: 'P02 pollute · poisoned array protocols: a deny stays a deny',
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
})
