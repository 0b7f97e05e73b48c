import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V16',
  class: 'cpu',
  title: 'parsing a long JSON text, which no limit interrupts: the deadline answers',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const text = '[' + '[],'.repeat(2 ** 21) + '1]'
    for (;;) JSON.parse(text)
  },
})`,
  endings: ['deadline', 'timeout', 'memory', 'crash'],
}
