import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V09',
  class: 'spoof',
  title: 'reasons that no packet can carry: each spoils its verdict',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => [
    deny({ reason: '\\ud800' }),
    deny({ reason: 'a\\u0000b' }),
    deny({ reason: '\\u009b31m' }),
    deny({ reason: 'é'.repeat(200) }),
    deny({ userProperties: [['a', '\\udfff']] }),
    deny({ userProperties: Array(100).fill(['a', 'b']) }),
  ][turn++ % 6],
})
let turn = 0`,
  endings: ['bad-verdict'],
  times: 6,
}
