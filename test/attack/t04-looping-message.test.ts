import { attack } from '../support/attack-run.ts'

attack({
  title: 'T04 time · error with a looping message getter: it is read under the limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;) {} } })
  },
})`,
  endings: ['timeout'],
})
