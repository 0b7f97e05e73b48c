import { attack } from '../support/attack-run.ts'

attack({
  title: 'S04 spoof · inherited verdict: only own keys count',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
Object.prototype.verdict = 'allow'
export default definePlugin({
  authorizePublish: () => ({}),
})`,
  endings: ['bad-verdict'],
})
