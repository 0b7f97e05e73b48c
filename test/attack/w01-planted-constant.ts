import type { Attack } from './attack.ts'

/**
 * The guest knows frozen verdicts again by identity. A getter's description has no `value` of its own: one
 * that it inherits must not make it a constant.
 */
export const attack: Attack = {
  id: 'W01',
  class: 'spoof',
  title: 'a frozen getter that inherits the look of a constant: what it says is what counts',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const posing = Object.freeze({
  get verdict() {
    return 'deny'
  },
})
export default definePlugin({
  authorizePublish: () => {
    Object.prototype.value = 'allow'
    return posing
  },
})`,
  endings: ['deny'],
}
