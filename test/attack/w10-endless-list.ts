import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W10',
  class: 'cpu',
  title: 'a verdict with a list that has no end: it is written under the limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
let turn = 0
export default definePlugin({
  authorizePublish: () => {
    turn += 1
    const length = [2 ** 32 - 1, 2 ** 53 - 1][turn % 2]
    const list = new Proxy([], { get: (target, key) => (key === 'length' ? length : undefined) })
    return { verdict: 'allow', userProperties: list }
  },
})`,
  endings: ['timeout', 'memory', 'deadline', 'crash', 'threw', 'bad-verdict', 'loading'],
}
