import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W11',
  class: 'flood',
  title: 'rejections by the hundred thousand that nobody handles: the neighbour does not notice',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    for (let left = 100_000; left > 0; left -= 1) void Promise.reject(left)
    return deny()
  },
})`,
  endings: ['deny', 'threw', 'timeout', 'memory', 'deadline', 'crash', 'loading'],
}
