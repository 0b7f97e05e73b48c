import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V23',
  class: 'upgrade',
  title: 'a syntax error in a line of escape sequences: the log shows it escaped',
  plugin: `
const [2J‮  = ']0;owned
export default {}`,
  endings: ['load-failed'],
}
