import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'U03',
  class: 'upgrade',
  title: 'a module without a plugin: it never loads, and its tenant alone is closed',
  plugin: `
export const nothing = 1`,
  endings: ['load-failed'],
}
