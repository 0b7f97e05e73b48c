import { attack } from '../support/attack-run.ts'

attack({
  title: 'C02 cpu · endless microtask chain: reactions run under the same limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const again = () => Promise.resolve().then(again)
    again()
    return allow()
  },
})`,
  endings: ['timeout'],
})
