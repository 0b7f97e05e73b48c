import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W03',
  class: 'escape',
  title: 'the methods of a call site on things that are none: an error, and nothing else',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    Error.prepareStackTrace = (error, sites) => sites
    const [site] = new Error().stack
    delete Error.prepareStackTrace
    const CallSite = Object.getPrototypeOf(site)
    const receivers = [
      {},
      [],
      () => {},
      Object.create(CallSite),
      new Proxy(site, {}),
      globalThis,
      Promise.resolve(),
      null,
      1,
    ]
    try {
      receivers.push(Reflect.construct(CallSite.constructor, []))
    } catch {}
    try {
      receivers.push(Reflect.construct(Object, [], CallSite.constructor))
    } catch {}
    for (const name of Object.getOwnPropertyNames(CallSite)) {
      for (const receiver of receivers) {
        try {
          const value = CallSite[name].call(receiver)
          if (name !== 'constructor' && typeof value === 'function') return allow()
        } catch {}
      }
    }
    return deny()
  },
})`,
  endings: ['deny'],
}
