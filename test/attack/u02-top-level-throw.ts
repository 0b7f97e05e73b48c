import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'U02',
  class: 'upgrade',
  title: 'a throw whose message loops, at top level: it never loads, and its tenant alone is closed',
  plugin: `
throw Object.defineProperty(new Error('x'), 'message', { get() { for (;;) {} } })
export default {}`,
  endings: ['load-failed'],
}
