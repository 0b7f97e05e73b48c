import type { Attack } from './attack.ts'

/**
 * Strict code shows no caller, but strictness is the bundle's: here it is taken out after the build.
 */
export const attack: Attack = {
  id: 'W02',
  class: 'escape',
  title: 'a bundle that is not strict: neither call sites nor callers lead into the guest',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const found = []
function look(function_) {
  Error.prepareStackTrace = (error, sites) => sites
  for (const site of new Error().stack) {
    if (site.getFileName() !== undefined && (site.getFunction() ?? site.getThis()) !== undefined)
      found.push('site')
  }
  try {
    for (let caller = function_.caller; caller; caller = caller.caller) {
      if (/enter|#answer|callsLeft/.test(String(caller))) found.push('caller')
    }
  } catch {}
  delete Error.prepareStackTrace
}
export default definePlugin({
  authorizePublish: function hook() {
    look(hook)
    const verdict = {
      get verdict() {
        look(Object.getOwnPropertyDescriptor(verdict, 'verdict').get)
        return seen()
      },
    }
    verdict.toJSON = function toJSON() {
      look(toJSON)
      return { verdict: seen() }
    }
    return verdict
  },
})
const seen = () => (found.length > 0 ? 'allow' : 'deny')`,
  tamper: { from: '"use strict"', to: '"not strict"' },
  endings: ['deny', 'threw'],
}
