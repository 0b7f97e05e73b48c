import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'R04',
  class: 'read',
  title: 'a fine clock: none is finer than a millisecond',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const seen = new Set()
    for (let at = 0; at < 5000; at += 1) seen.add(Date.now())
    const fine = [...seen].some((ms) => ms % 1 !== 0)
    const clocks = ['performance', 'Temporal', 'Atomics', 'SharedArrayBuffer']
    return fine || clocks.some((name) => name in globalThis) ? allow() : deny()
  },
})`,
  endings: ['deny'],
}
