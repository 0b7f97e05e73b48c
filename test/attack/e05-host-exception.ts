import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'E05',
  class: 'escape',
  title: 'host exception: no error names a path or a frame of the host',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { log: true },
  authorizePublish: (event, ctx) => {
    let seen = ''
    const thrower = { get a() { throw 1 } }
    for (const odd of [{}, 1, null, Symbol(), new Proxy({}, {}), () => 1, 'x'.repeat(1e6), thrower]) {
      try {
        ctx.log.info(odd, odd)
      } catch (error) {
        seen += String(error && error.stack) + String(error && error.constructor)
      }
    }
    return /file:|\\/(tmp|app|home|usr|node_modules)|node:internal|\\.mjs|\\.ts/.test(seen) ? allow() : deny()
  },
})`,
  endings: ['deny'],
}
