import { attack } from '../support/attack-run.ts'

attack({
  title: 'T01 time · never-resolving promise: answered at once, since nothing can settle it',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => new Promise(() => {}),
})`,
  endings: ['unsettled'],
})
