import type { Attack } from './attack.ts'

/**
 * Brute force in place of an idea: what an engine brings at its next upgrade is called as well.
 */
export const attack: Attack = {
  id: 'W04',
  class: 'escape',
  title: 'every function that can be reached, called on everything: none gives code, or harms a neighbour',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const ARGUMENTS = [
  undefined,
  'return 42',
  7,
  -1,
  2 ** 31,
  {},
  [],
  () => 8,
  Symbol.iterator,
  new Map(),
  new Uint8Array(8),
  1n,
]
function* functions() {
  const seen = new Set([globalThis])
  for (const object of seen) {
    if (typeof object === 'function') yield object
    for (const key of Reflect.ownKeys(object)) {
      const { value, get, set } = Reflect.getOwnPropertyDescriptor(object, key) ?? {}
      for (const each of [value, get, set])
        if (Object(each) === each && typeof each !== 'symbol') seen.add(each)
    }
    const prototype = Reflect.getPrototypeOf(object)
    if (prototype !== null) seen.add(prototype)
  }
}
// taken before anything is called: among what is called is what changes globals
const all = Array.from(functions())
const { apply, construct } = Reflect
const DANGEROUS = new Set([
  Reflect.setPrototypeOf,
  Reflect.deleteProperty,
  Reflect.defineProperty,
  Object.freeze,
])
export default definePlugin({
  authorizePublish: () => {
    // by chance, since an isolate that was condemned begins anew
    for (let left = 40; left > 0; left -= 1) {
      const each = all[Math.floor(Math.random() * all.length)]
      if (DANGEROUS.has(each)) continue
      for (let at = 0; at < ARGUMENTS.length; at += 1) {
        for (const call of [
          () => apply(each, ARGUMENTS[at], ['40 + 2']),
          () => apply(each, ARGUMENTS[at], ['return 42']),
          () => construct(each, ['return 42', ARGUMENTS[at]]),
        ]) {
          try {
            const made = call()
            if (made === 42 || (typeof made === 'function' && apply(made, undefined, []) === 42))
              return allow()
          } catch {}
        }
      }
    }
    return deny()
  },
})`,
  times: 20,
  endings: ['deny', 'threw', 'bad-verdict', 'unsettled', 'timeout', 'memory', 'deadline', 'crash'],
}
