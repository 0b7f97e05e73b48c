import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M11',
  class: 'memory',
  title: 'a leak of many small calls: its isolate is made anew before its heap is full, and no call fails',
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
  // together they leak more than one heap holds, and less than two
  times: 34,
  burst: 50,
  cell: 'lives',
}
