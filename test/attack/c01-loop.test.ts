import { attack } from '../support/attack-run.ts'

attack({
  title: 'C01 cpu · while(1): the soft limit ends it',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    while (true) {}
  },
})`,
  endings: ['timeout'],
})
