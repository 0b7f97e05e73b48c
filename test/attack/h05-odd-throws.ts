import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'H05',
  class: 'crash',
  title: 'odd throws: whatever is thrown becomes one line of text',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
let turn = 0
export default definePlugin({
  authorizePublish: () => {
    const odd = [undefined, null, Symbol('s'), 1n, () => 1, new Proxy({}, { get() { throw 1 } })]
    throw odd[turn++ % odd.length]
  },
})`,
  endings: ['threw'],
}
