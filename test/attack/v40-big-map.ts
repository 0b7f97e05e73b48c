import type { Attack } from './attack.ts'

/** As many lines, and places in them, as the limit of a bundle lets pass. */
const LINES = '  () => 1 + 1,\n'.repeat(20_000)

export const attack: Attack = {
  id: 'V40',
  class: 'upgrade',
  title: 'the first fault of a plugin of many lines: finding its place holds nobody up',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    throw new Error(String(LINES.length))
  },
})
const LINES = [
${LINES}]`,
  endings: ['threw'],
  detail: /^20000 \(plugin\.ts:5:/,
}
