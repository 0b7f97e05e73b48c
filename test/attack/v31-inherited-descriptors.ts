import type { Attack } from './attack.ts'

/**
 * Whoever gives defineProperty an ordinary object inherits what stands on Object.prototype. It may spoil
 * the plugin's own calls, and must not make an allow of them.
 */
export const attack: Attack = {
  id: 'V31',
  class: 'pollute',
  title: 'accessors under the names of descriptors: what the guest defines is its own',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: (event) => {
    if (turn++ === 0) {
      const before = Object.getOwnPropertyNames(Object.prototype)
      for (const name of ['value', 'writable', 'enumerable', 'configurable', 'get', 'set']) {
        const own = Object.create(null)
        own.get = () => (name === 'get' || name === 'set' ? () => allow() : true)
        own.configurable = true
        Object.defineProperty(Object.prototype, name, own)
      }
      throw new Error(String(before.length))
    }
    return deny({ note: String(event.topic) })
  },
})
let turn = 0`,
  endings: ['threw', 'deny'],
}
