import { attack } from '../support/attack-run.ts'

attack({
  title: 'M01 memory · array push: the isolate ends, not the broker',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const kept = []
    for (;;) kept.push({})
  },
})`,
  endings: ['memory', 'timeout', 'deadline', 'crash'],
})
