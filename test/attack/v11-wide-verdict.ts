import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V11',
  class: 'spoof',
  title: 'verdicts of a hundred thousand keys, or one key of a megabyte: too large, and told so',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    turn += 1
    if (turn % 2 === 0) return { verdict: 'allow', ['k'.repeat(1e6)]: 1 }
    const wide = { verdict: 'allow' }
    for (let at = 0; at < 1e5; at += 1) wide['k' + at] = at
    return wide
  },
})
let turn = 0`,
  endings: ['bad-verdict', 'timeout', 'deadline'],
}
