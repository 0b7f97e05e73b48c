import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'E03',
  class: 'escape',
  title: 'dynamic import: no specifier resolves',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: async () => {
    for (const name of ['fs', 'node:fs', '/etc/passwd', 'data:text/javascript,export default 1']) {
      try {
        await hidden_import(name)
        return allow()
      } catch (error) {
        if (error instanceof ReferenceError) return allow({ audit: true })
      }
    }
    return deny()
  },
})`,
  // our bundler refuses import() of a computed name; a bundle that somebody else made may have it
  tamper: { from: 'hidden_import', to: 'import' },
  endings: ['deny'],
}
