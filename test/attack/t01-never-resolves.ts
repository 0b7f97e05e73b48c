import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'T01',
  class: 'time',
  title: 'never-resolving promise: answered at once, since nothing can settle it',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => new Promise(() => {}),
})`,
  endings: ['unsettled'],
}
