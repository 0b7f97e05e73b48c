import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V05',
  class: 'spoof',
  title: "a promise that makes the promise of its reactions: nothing of the guest's can be settled with it",
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    const promise = (async () => deny())()
    promise.constructor = {
      [Symbol.species]: function (executor) {
        return new Promise((resolve, reject) => {
          executor((value) => resolve(allow()), reject)
          resolve(allow())
        })
      },
    }
    return promise
  },
})`,
  endings: ['deny', 'bad-verdict'],
}
