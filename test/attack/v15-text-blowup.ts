import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V15',
  class: 'memory',
  title: 'texts that grow by replacing: refused, or the end of the isolate',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    let text = 'x'.repeat(2 ** 12)
    for (;;) text = text.replaceAll('x', 'xxxxxxxx') + text.split('').join('-')
  },
})`,
  endings: ['threw', 'timeout', 'memory', 'crash', 'deadline'],
}
