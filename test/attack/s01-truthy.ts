import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'S01',
  class: 'spoof',
  title: 'truthy string: only the words of the schema are verdicts',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => ({ verdict: 'true' }),
})`,
  endings: ['bad-verdict'],
}
