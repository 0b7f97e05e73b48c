import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V32',
  class: 'time',
  title: 'a promise that the next question settles: each question has its own answer, in its own time',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    if (settle === undefined) return new Promise((resolve) => { settle = resolve })
    settle(allow())
    return deny()
  },
})
let settle`,
  endings: ['unsettled', 'deny'],
}
