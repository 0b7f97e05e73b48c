import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V46',
  class: 'flood',
  title: 'a fault in the news of a fault: it is not told for ever',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    throw new Error('first')
  },
  onPluginFaulted: () => {
    throw new Error('again')
  },
})`,
  endings: ['threw'],
}
