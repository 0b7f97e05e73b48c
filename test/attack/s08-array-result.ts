import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'S08',
  class: 'spoof',
  title: 'lists and bare values: only an object or one of three constants is a verdict',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => [[true], 'allow', 1, [1], undefined][turn++ % 5],
})
let turn = 0`,
  endings: ['bad-verdict'],
  times: 5,
}
