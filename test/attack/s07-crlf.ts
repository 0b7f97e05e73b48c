import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'S07',
  class: 'spoof',
  title: 'CRLF in a reason: control characters spoil the verdict',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'deny', reason: 'no\\r\\nSet-Cookie: a=b' }),
})`,
  endings: ['bad-verdict'],
}
