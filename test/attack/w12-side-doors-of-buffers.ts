import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W12',
  class: 'memory',
  title: 'the side doors to buffers that grow: each is closed',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const options = { maxByteLength: 2 ** 20 }
class Mine extends ArrayBuffer {
  static get [Symbol.species]() {
    return ArrayBuffer
  }
  constructor(length) {
    super(length, options)
  }
}
const WAYS = [
  () => new ArrayBuffer(8, options),
  () => new Mine(8),
  () => new Mine(8).slice(0, 4),
  () => Reflect.construct(ArrayBuffer, [8, options]),
  () => Reflect.construct(ArrayBuffer, [8, options], Mine),
  () => Reflect.construct(ArrayBuffer.prototype.constructor, [8, options], Object),
  () => new new Uint8Array(8).buffer.constructor(8, options),
  () => new (Object.getPrototypeOf(Mine))(8, options),
  () => new (new Uint8Array(8).buffer.slice(0).constructor)(8, options),
  () => new (ArrayBuffer.bind(null, 8, options))(),
  () => Uint8Array.fromBase64('AAAA').buffer,
  () => new Float16Array(8).buffer,
]
export default definePlugin({
  authorizePublish: () => {
    for (const way of WAYS) {
      let buffer
      try {
        buffer = way()
      } catch {
        continue
      }
      if (buffer.resizable === true || buffer.maxByteLength > 8) return allow()
      for (const name of ['resize', 'transfer', 'transferToFixedLength', 'transferToImmutable', 'grow']) {
        if (typeof buffer[name] === 'function') return allow()
      }
    }
    return typeof SharedArrayBuffer === 'undefined' ? deny() : allow()
  },
})`,
  endings: ['deny'],
}
