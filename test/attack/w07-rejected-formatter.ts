import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W07',
  class: 'time',
  title: 'a rejection whose stack is formatted by a loop, outside of every limit: the deadline answers',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    Error.prepareStackTrace = () => {
      for (;;);
    }
    void Promise.reject(new Error('nobody handles me'))
    return deny()
  },
})`,
  endings: ['deny', 'threw', 'timeout', 'deadline', 'crash', 'loading', 'overload'],
}
