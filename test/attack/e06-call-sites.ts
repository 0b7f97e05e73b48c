import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'E06',
  class: 'escape',
  title: 'prepareStackTrace: call sites show neither functions nor files of the host',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    Error.prepareStackTrace = (error, sites) => sites
    const bad = []
    for (const site of new Error().stack) {
      for (const method of ['getThis', 'getFunction', 'getFileName', 'getScriptNameOrSourceURL']) {
        try {
          const value = site[method]()
          const leads = typeof value === 'function' || (typeof value === 'object' && value)
          if (leads || String(value).includes('/')) bad.push(method)
        } catch {}
      }
    }
    return bad.includes('getThis') || bad.some((name) => name.startsWith('getFile')) ? allow() : deny()
  },
})`,
  endings: ['deny'],
}
