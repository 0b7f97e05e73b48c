import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'U01',
  class: 'upgrade',
  title: 'a loop at top level: the plugin never loads, and its tenant alone is closed',
  plugin: `
while (true) {}
export default {}`,
  endings: ['load-failed'],
}
