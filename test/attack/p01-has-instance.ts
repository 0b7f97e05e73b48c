import type { Attack } from './attack.ts'

/**
 * ATTACKS lets its own allow pass; that an own allow becomes no other's is more plainly seen on a deny,
 * which must not become anything else.
 */
export const attack: Attack = {
  id: 'P01',
  class: 'pollute',
  title: 'everything is a promise: it changes its own verdict at most',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => {
    Object.defineProperty(Promise, Symbol.hasInstance, { value: () => true })
  },
  authorizePublish: () => deny(),
})`,
  endings: ['deny', 'threw'],
}
