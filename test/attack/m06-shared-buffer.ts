import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M06',
  class: 'memory',
  title: 'growable shared memory: there is none to be had',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const buffer = new SharedArrayBuffer(8, { maxByteLength: 2e9 })
    buffer.grow(1e9)
    return allow()
  },
})`,
  endings: ['threw'],
  cell: 'lives',
}
