import { attack } from '../support/attack-run.ts'

attack({
  title: 'S01 spoof · truthy string: only the words of the schema are verdicts',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'true' }),
})`,
  endings: ['bad-verdict'],
})
