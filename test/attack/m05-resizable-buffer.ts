import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'M05',
  class: 'memory',
  title: 'resizable ArrayBuffer: memory that no limit counts cannot be had',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const buffer = new ArrayBuffer(8, { maxByteLength: 4e9 })
    buffer.resize(1e9)
    new Uint8Array(buffer).fill(1)
    return buffer.byteLength === 1e9 ? allow() : deny()
  },
})`,
  endings: ['threw'],
}
