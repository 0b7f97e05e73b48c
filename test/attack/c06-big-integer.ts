import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'C06',
  class: 'cpu',
  title: 'a number of 2^27 bits as text: what no limit interrupts is killed',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => (((1n << (2n ** 27n)) - 1n).toString().length > 1 ? allow() : deny()),
})`,
  endings: ['deadline'],
  cell: 'killed',
}
