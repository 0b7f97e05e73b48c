import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M11',
  class: 'memory',
  title: 'a leak of many small calls: it is served until its heap is full, then anew',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    for (let at = 0; at < 100; at += 1) kept.push('x'.repeat(100) + at)
    return allow()
  },
})
const kept: string[] = []`,
  endings: ['allow'],
  times: 20,
}
