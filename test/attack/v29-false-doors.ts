import type { Attack } from './attack.ts'

/**
 * A plugin that takes the name under which bundles leave their module may spoil its own loading, and
 * that only.
 */
export const attack: Attack = {
  id: 'V29',
  class: 'escape',
  title: "globals under the names of the guest's own doors: nobody enters through them",
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  setup: () => {
    const forged = () => '[1]'
    for (const name of DOORS) {
      Object.defineProperty(globalThis, name, { get: () => forged, set() {}, configurable: false })
    }
  },
  authorizePublish: () => deny(),
})
const DOORS = ['enter', 'guest', '__bulkhead_plugin', 'GUEST_PROGRAM', 'exports', 'module', 'eval']`,
  endings: ['deny', 'load-failed'],
}
