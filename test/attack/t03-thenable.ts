import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'T03',
  class: 'time',
  title: 'foreign thenable: its then is not called',
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
}
