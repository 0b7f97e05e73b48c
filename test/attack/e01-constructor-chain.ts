import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'E01',
  class: 'escape',
  title: 'constructor chain to Function: no code is made of text',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const make = {}.constructor.constructor
    return make('return typeof process')() === 'undefined' ? deny() : allow()
  },
})`,
  endings: ['threw', 'deny'],
}
