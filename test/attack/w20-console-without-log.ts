import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W20',
  class: 'flood',
  title: 'a million lines for a console that was not granted: how many they were is all that is written',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    for (let left = 1_000_000; left > 0; left -= 1) console.error('flood', { left })
    return deny()
  },
})`,
  // the count of each call, where the machine is fast enough to bring a million to an end
  linesAtMost: 2,
  endings: ['deny', 'timeout', 'deadline', 'loading', 'quarantined', 'overload', 'throttled'],
}
