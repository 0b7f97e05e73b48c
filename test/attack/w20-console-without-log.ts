import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W20',
  class: 'flood',
  title: 'a million lines for a console that was not granted: none is written',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    for (let left = 1_000_000; left > 0; left -= 1) console.error('flood', { left })
    return deny()
  },
})`,
  linesAtMost: 0,
  endings: ['deny', 'timeout', 'deadline', 'loading', 'quarantined', 'overload', 'throttled'],
}
