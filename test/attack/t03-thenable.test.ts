import { attack } from '../support/attack-run.ts'

attack({
  title: 'T03 time · foreign thenable: its then is not called',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({
    then() {
      for (;;) {}
    },
  }),
})`,
  endings: ['bad-verdict'],
})
