import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'S04',
  class: 'spoof',
  title: 'inherited verdict: only own keys count',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
Object.prototype.verdict = 'allow'
export default definePlugin({
  authorizePublish: () => ({}),
})`,
  endings: ['bad-verdict'],
}
