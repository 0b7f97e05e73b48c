import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'E07',
  class: 'escape',
  title: 'caller walk: strict code shows no caller',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: function hook() {
    let seen
    try {
      seen = String(hook.caller)
    } catch {
      seen = 'throws'
    }
    try {
      seen += String(hook.arguments && hook.arguments.callee && hook.arguments.callee.caller)
    } catch {
      seen += ' throws'
    }
    return /answer|batch|enter/.test(seen) ? allow() : deny()
  },
})`,
  endings: ['deny', 'threw'],
}
