import { attack } from '../support/attack-run.ts'

attack({
  title: 'S05 spoof · flip-flop getter: what is checked is what is used',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    let reads = 0
    return { get verdict() { return reads++ > 0 ? 'allow' : 'deny' } }
  },
})`,
  endings: ['deny'],
})
