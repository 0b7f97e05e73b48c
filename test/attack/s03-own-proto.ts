import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'S03',
  class: 'spoof',
  title: 'own __proto__: it is a key like any other, and unknown',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => JSON.parse('{"verdict":"deny","__proto__":{"verdict":"allow"}}'),
})`,
  endings: ['bad-verdict'],
}
