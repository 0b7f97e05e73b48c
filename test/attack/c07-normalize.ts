import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C07',
  class: 'cpu',
  title: 'the worst text to normalize: what no limit interrupts is killed',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () =>
    ('a' + '\\u0323\\u0307'.repeat(2 ** 20)).normalize('NFC').length > 1 ? allow() : deny(),
})`,
  endings: ['deadline'],
  cell: 'killed',
}
