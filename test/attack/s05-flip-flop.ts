import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'S05',
  class: 'spoof',
  title: 'flip-flop getter: what is checked is what is used',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    let reads = 0
    return { get verdict() { return reads++ > 0 ? 'allow' : 'deny' } }
  },
})`,
  endings: ['deny'],
}
