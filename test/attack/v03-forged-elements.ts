import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V03',
  class: 'spoof',
  title: "answers that serialise to the wire's own words: none of them is taken for one",
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => [
    { toJSON: () => 1 },
    { toJSON: () => -1 },
    { toJSON: () => [1] },
    { toJSON: () => 'ok:' },
    { toJSON: () => undefined },
    JSON.rawJSON('1'),
    { verdict: JSON.rawJSON('1') },
    Object(1),
    Object('1'),
  ][turn++ % 9],
})
let turn = 0`,
  endings: ['bad-verdict'],
  times: 9,
}
