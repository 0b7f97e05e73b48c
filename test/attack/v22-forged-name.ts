import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V22',
  class: 'upgrade',
  title: 'a name that forges lines: refused, and shown escaped',
  plugin: `
export default {
  name: '\\u001b[2J\\n{"level":60}\\u202e',
  version: '1\\r\\n2',
  authorizePublish: () => true,
}`,
  endings: ['load-failed'],
}
