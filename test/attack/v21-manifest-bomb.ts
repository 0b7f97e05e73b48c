import type { Attack } from './attack.ts'

/**
 * Each of them once cost a search for the hook that may have been meant: fourteen seconds of the
 * broker's event loop.
 */
export const attack: Attack = {
  id: 'V21',
  class: 'upgrade',
  title: 'sixty thousand functions that are almost hooks: refused in a moment',
  plugin: `
const plugin = {}
for (let at = 0; at < 6e4; at += 1) plugin['onBrokerClientConnec' + at] = () => {}
export default plugin`,
  endings: ['load-failed'],
}
