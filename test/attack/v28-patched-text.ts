import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V28',
  class: 'pollute',
  title: 'the methods of texts and lists replaced: the guest uses none of them',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => {
    const forged = () => ',1,1,1'
    for (const each of [String.prototype, Array.prototype, Number.prototype, RegExp.prototype]) {
      for (const name of Object.getOwnPropertyNames(each)) {
        try { if (typeof each[name] === 'function' && name !== 'constructor') each[name] = forged } catch {}
      }
    }
    String.prototype[Symbol.iterator] = forged
    Promise.resolve = Promise.prototype.then = Promise.prototype.catch = forged
    Date.now = () => Number.NaN
    Uint8Array.fromBase64 = forged
  },
  authorizePublish: () => {
    if (turn++ % 2 === 0) throw new Error('x')
    return { verdict: 'deny', note: 'x' }
  },
})
let turn = 0`,
  endings: ['threw', 'deny'],
}
