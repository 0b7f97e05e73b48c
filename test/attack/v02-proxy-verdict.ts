import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V02',
  class: 'spoof',
  title: 'a proxy that changes its mind with every look: what is written down once is what counts',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizePublish: () => {
    let looks = 0
    return new Proxy({ verdict: 'deny' }, {
      get: (target, key) => (key === 'verdict' ? ['deny', 'allow'][looks++] : undefined),
      getOwnPropertyDescriptor: () => ({ value: 'allow', enumerable: true, configurable: true }),
      ownKeys: () => ['verdict'],
    })
  },
})`,
  endings: ['deny'],
}
