import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W08',
  class: 'memory',
  title: 'stacks of any depth, kept for ever: bounded by the heap, and by the time',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
Error.stackTraceLimit = Number.POSITIVE_INFINITY
const kept = []
function deep(left) {
  if (left > 0) return deep(left - 1) + 1
  kept.push(new Error('x'.repeat(100)).stack)
  return 0
}
export default definePlugin({
  authorizePublish: () => {
    for (;;) {
      try {
        deep(5000)
      } catch {}
    }
  },
})`,
  endings: ['timeout', 'memory', 'deadline', 'crash', 'loading', 'quarantined'],
}
