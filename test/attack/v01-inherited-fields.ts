import type { Attack } from './attack.ts'

/**
 * A record that is written by assignment would hand its fields to the prototype's setter, and read back
 * what the plugin put there: an answer of its choice in another's place.
 */
export const attack: Attack = {
  id: 'V01',
  class: 'pollute',
  title: "accessors under the guest's own field names: its records ask no prototype",
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: async () => {
    for (const name of NAMES) {
      Object.defineProperty(Object.prototype, name, { get: () => ',1', set() {}, configurable: true })
    }
    await null
    return false
  },
})
const NAMES = [
  'text', 'holes', 'answer', 'next', 'before', 'place', 'places', 'call', 'number', 'ended', 'effects',
  'left', 'callsLeft', 'budget', 'length', 'json', 'owner', 'resolve', 'reject', 'read', 'allow', 'verdict',
  'client',
  'topic', 'qos', 'retain', 'run', 'repeats',
]`,
  endings: ['deny'],
}
