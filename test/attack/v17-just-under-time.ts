import type { Attack } from './attack.ts'

/**
 * On a loaded machine thirty-five milliseconds may become fifty, so that a timeout is an honest ending.
 */
export const attack: Attack = {
  id: 'V17',
  class: 'cpu',
  title: 'always just under the limit of a call: nobody else waits for it',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const until = Date.now() + 35
    while (Date.now() < until) {}
    return deny()
  },
})`,
  endings: ['deny', 'throttled', 'quarantined', 'timeout'],
  times: 12,
}
