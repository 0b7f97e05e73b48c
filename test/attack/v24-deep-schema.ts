import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V24',
  class: 'upgrade',
  title: 'a schema deeper than any stack: refused in a moment',
  plugin: `
let config = { type: 'string' }
for (let at = 0; at < 3000; at += 1) config = { type: 'object', properties: { a: config } }
export default { config, authorizePublish: () => true }`,
  endings: ['load-failed'],
}
