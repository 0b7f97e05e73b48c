import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'H06',
  class: 'crash',
  title: 'answers with cycles, functions and big integers: no verdict is made of them',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    turn += 1
    const answer = { verdict: 'allow' }
    if (turn % 3 === 1) answer.self = answer
    else if (turn % 3 === 2) answer.cacheMs = 1n
    else answer.cacheTag = () => 1
    return turn % 3 === 0 ? { ...answer, verdict: 'nothing' } : answer
  },
})
let turn = 0`,
  endings: ['threw', 'bad-verdict'],
  times: 3,
}
