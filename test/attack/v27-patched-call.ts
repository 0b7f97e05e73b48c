import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V27',
  class: 'pollute',
  title: 'call, apply and bind replaced: the guest uses none of them',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const { freeze } = Object
export default definePlugin({
  setup: () => {
    const lie = () => '1'
    const Functions = Object.getPrototypeOf(lie)
    Functions.call = lie
    Functions.apply = lie
    Functions.bind = () => lie
    Reflect.apply = lie
    Reflect.ownKeys = () => ['verdict']
    Object.freeze = (value) => value
    Object.isFrozen = () => true
    Object.getOwnPropertyDescriptor = () => ({ value: 'allow' })
    Object.defineProperty = (value) => value
  },
  authorizePublish: () => Object.freeze({ verdict: 'deny', note: 'x' }),
})`,
  endings: ['deny'],
}
