import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V26',
  class: 'spoof',
  title: 'generators and iterators in place of a verdict: none of them is run',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => [
    (function* () { for (;;) yield allow() })(),
    (async function* () { for (;;) yield allow() })(),
    Iterator.from([allow()]),
    new Map([['verdict', 'allow']]),
  ][turn++ % 4],
})
let turn = 0`,
  endings: ['bad-verdict'],
  times: 4,
}
