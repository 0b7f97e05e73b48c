import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'E02',
  class: 'escape',
  title: 'ambient authority: the global scope has no name that leads anywhere',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const names = [
      'process', 'require', 'module', 'exports', 'global', 'Buffer', 'setTimeout', 'setImmediate', 'fetch',
      'queueMicrotask', 'XMLHttpRequest', 'WebSocket', 'performance', 'crypto', 'navigator', 'Deno', 'Bun',
      'importScripts', 'WebAssembly', 'SharedArrayBuffer', 'Atomics', 'FinalizationRegistry', 'WeakRef',
      'Temporal', 'eval', 'Function', 'ivm', '_ivm', '$0', 'guest', 'enter', '__bulkhead_plugin',
    ]
    return names.some((name) => name in globalThis) ? allow() : deny()
  },
})`,
  endings: ['deny'],
}
