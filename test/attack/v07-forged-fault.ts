import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V07',
  class: 'flood',
  title: 'a fault whose text forges lines, colours and directions: the log shows it escaped',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const forged =
      '\\n{"level":60,"tenant":"bystander"}\\r\\u001b[2J\\u009b1m\\u202e\\u2028\\u2029\\ud800\\u0007'
    const error = new Error(forged)
    error.name = '\\u001b]0;owned\\u0007'
    error.stack = 'plugin:main:1:1\\n\\u001b[2J'
    throw error
  },
})`,
  endings: ['threw'],
}
