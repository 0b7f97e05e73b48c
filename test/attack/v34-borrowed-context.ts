import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V34',
  class: 'capability',
  title: 'powers taken from a ctx by other objects: a power knows its call by more than a name',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { kv: { bytes: 65536 } },
  authorizePublish: (event, ctx) => {
    const getter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(ctx), 'kv').get
    const prototype = Object.getPrototypeOf(ctx)
    for (const borrower of [{}, Object.create(ctx), new Proxy(ctx, {}), prototype, null, undefined]) {
      try {
        getter.call(borrower)
        return allow()
      } catch (error) {
        if (!(error instanceof TypeError)) return allow()
      }
    }
    try {
      new ctx.constructor({ callsLeft: 1e9 })
      return allow()
    } catch {
      return deny()
    }
  },
})`,
  endings: ['deny'],
}
