import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V10',
  class: 'flood',
  title: 'unknown keys that forge lines: the log shows them escaped, and the first of them alone',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'allow', ['\\u001b[2J\\u2028\\u202e' + 'k'.repeat(1e4)]: 1 }),
})`,
  endings: ['bad-verdict'],
  detail: /is unknown/,
}
