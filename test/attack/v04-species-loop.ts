import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V04',
  class: 'time',
  title: 'a promise whose species loops: looking at a promise is under the limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => Slow.resolve(allow()),
})
class Slow extends Promise {
  static get [Symbol.species]() {
    if (armed) for (;;) {}
    return Promise
  }
}
let armed = true`,
  endings: ['timeout', 'bad-verdict'],
}
