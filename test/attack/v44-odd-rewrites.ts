import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V44',
  class: 'spoof',
  title: 'filters rewritten to what is none, or not of its tenant: the subscription is refused',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authorizeSubscribe: () => [
    allow({ rewriteTo: 'a/\\u0000' }),
    allow({ rewriteTo: 'x'.repeat(70000) }),
    { filters: Array(2000).fill(allow()) },
    allow({ rewriteTo: '' }),
    { filters: [{ verdict: 'allow', qos: 2 }] },
  ][turn++ % 5],
})
let turn = 0`,
  endings: ['bad-verdict'],
  hook: 'authorizeSubscribe',
  times: 5,
}
