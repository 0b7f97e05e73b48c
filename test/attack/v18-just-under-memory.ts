import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V18',
  class: 'memory',
  title: 'always just under the limit of the heap: it is served, and so is everybody else',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    kept.push(new Uint8Array(2 ** 20).fill(1), 'x'.repeat(2 ** 18) + kept.length)
    if (kept.length > 20) kept.splice(0, 2)
    return deny()
  },
})
const kept = []`,
  endings: ['deny'],
  times: 12,
}
