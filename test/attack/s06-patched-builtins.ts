import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'S06',
  class: 'spoof',
  title: 'patched JSON and Promise: the guest reads answers with its own built-ins',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
JSON.stringify = () => '1'
JSON.parse = () => ({})
Promise.prototype.then = function (f) { f(allow()); return this }
export default definePlugin({
  authorizePublish: async () => deny(),
})`,
  endings: ['deny'],
}
