import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C02',
  class: 'cpu',
  title: 'endless microtask chain: reactions run under the same limit',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const again = () => Promise.resolve().then(again)
    again()
    return allow()
  },
})`,
  endings: ['timeout'],
}
