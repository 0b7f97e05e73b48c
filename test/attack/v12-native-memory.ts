import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V12',
  class: 'memory',
  title: 'objects whose memory is not of the heap: the wall around the process holds',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const kept = []
    for (;;) kept.push(new Intl.DateTimeFormat('ar-u-ca-islamic-nu-thai'), new Intl.Collator('de'))
  },
})`,
  endings: ['timeout', 'memory', 'crash', 'deadline'],
}
