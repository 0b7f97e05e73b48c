import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'T06',
  class: 'time',
  title: 'unhandled rejection with a looping getter: the computed allow is not used',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    Promise.reject({ get message() { for (;;) {} } })
    return allow()
  },
})`,
  endings: ['deadline', 'timeout', 'threw'],
}
