import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M01',
  class: 'memory',
  title: 'array push: the isolate ends, not the broker',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const kept = []
    for (;;) kept.push({})
  },
})`,
  endings: ['memory', 'timeout', 'deadline', 'crash'],
}
