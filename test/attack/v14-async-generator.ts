import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V14',
  class: 'cpu',
  title: 'an array from an endless asynchronous generator: reactions run under the limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => Array.fromAsync((async function* () { for (;;) yield 1 })()),
})`,
  endings: ['timeout', 'memory', 'crash', 'deadline'],
}
