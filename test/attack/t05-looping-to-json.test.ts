import { attack } from '../support/attack-run.ts'

attack({
  title: 'T05 time · toJSON loop: a verdict is serialised under the limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'allow', toJSON() { for (;;) {} } }),
})`,
  endings: ['timeout'],
})
