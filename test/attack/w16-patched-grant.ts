import type { Attack } from './attack.ts'

/**
 * The guest's own check is for the author's sake, and made of what a plugin may patch.
 */
export const attack: Attack = {
  id: 'W16',
  class: 'capability',
  title: 'the check of a grant made blind inside: the one outside sees',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
String.prototype.startsWith = () => false
String.prototype.split = () => ['#']
Array.prototype.includes = () => true
let turn = 0
const TOPICS = [
  'elsewhere/x',
  '$SYS/x',
  'never',
  'never/../elsewhere',
  '$share/never/x',
  'never/#',
  'NEVER/x',
  '/never/x',
]
export default definePlugin({
  capabilities: { publish: { topics: ['never/only'], perSecond: 100 } },
  authorizePublish: (event, ctx) => {
    ctx.publish({ topic: TOPICS[turn++ % TOPICS.length], payload: 'escaped' })
    return deny()
  },
})`,
  times: 8,
  deliversAtMost: 0,
  endings: ['deny', 'threw'],
}
