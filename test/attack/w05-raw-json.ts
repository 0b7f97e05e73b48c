import type { Attack } from './attack.ts'

/**
 * JSON.rawJSON writes what no number of the language is: infinities, and integers that become others when
 * they are read.
 */
export const attack: Attack = {
  id: 'W05',
  class: 'spoof',
  title: 'numbers that only JSON text can hold: a verdict is checked as it arrives',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const NUMBERS = ['1e400', '-1e400', '-1', '1.5', '1e-400', '9007199254740993', '"1000"']
const FIELDS = ['cacheMs', 'throttleMs', 'maxQos']
let turn = 0
export default definePlugin({
  authorizePublish: () => {
    const [number, field] = [
      NUMBERS[turn % NUMBERS.length],
      FIELDS[Math.floor(turn / NUMBERS.length) % FIELDS.length],
    ]
    turn += 1
    // nothing and a quarter of a millisecond are the same: it is no forgery
    if (number === '1e-400') return deny()
    return { verdict: 'allow', [field]: JSON.rawJSON(number) }
  },
})`,
  times: 21,
  endings: ['bad-verdict', 'deny'],
}
