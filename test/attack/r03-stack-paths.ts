import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'R03',
  class: 'read',
  title: 'stack traces: no path of the machine stands in one',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    let seen = String(new Error('x').stack)
    try {
      null.x
    } catch (error) {
      seen += error.stack
    }
    return /\\/|file:|node:/.test(seen.replaceAll(/plugin:main|host:boot/g, '')) ? allow() : deny()
  },
})`,
  endings: ['deny'],
}
