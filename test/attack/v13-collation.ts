import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V13',
  class: 'cpu',
  title: 'comparing long texts by the rules of a language, which no limit interrupts: the deadline answers',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const text = 'a\\u0301'.repeat(2 ** 21)
    for (;;) (text + 'b').localeCompare(text + 'c', 'de')
  },
})`,
  endings: ['deadline', 'timeout', 'memory', 'crash'],
}
