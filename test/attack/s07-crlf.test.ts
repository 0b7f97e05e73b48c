import { attack } from '../support/attack-run.ts'

attack({
  title: 'S07 spoof · CRLF in a reason: control characters spoil the verdict',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'deny', reason: 'no\\r\\nSet-Cookie: a=b' }),
})`,
  endings: ['bad-verdict'],
})
