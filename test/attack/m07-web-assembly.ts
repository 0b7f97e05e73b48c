import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M07',
  class: 'memory',
  title: "WebAssembly's memory: there is none to be had",
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const memory = new WebAssembly.Memory({ initial: 16384 })
    return memory.buffer.byteLength > 0 ? allow() : deny()
  },
})`,
  endings: ['threw'],
  cell: 'lives',
}
