import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'W06',
  class: 'spoof',
  title: 'verdicts that are thrown in place of returned: a throw denies, whatever was thrown',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
const THROWN = [
  () => allow(),
  () => true,
  () => Promise.resolve(allow()),
  () => ({ name: 'x', message: '1,1,1]', stack: '"],[1' }),
  () => Proxy.revocable({}, {}).proxy,
  () => {
    const { proxy, revoke } = Proxy.revocable(() => {}, {})
    revoke()
    return proxy
  },
  () => {
    const { proxy, revoke } = Proxy.revocable(new Error('x'), {})
    revoke()
    return proxy
  },
  () => 'ok:',
  () => [7],
  () => Object.assign(Object.create(null), { message: allow() }),
]
let turn = 0
export default definePlugin({
  authorizePublish: () => {
    const made = THROWN[Math.floor(turn / 2) % THROWN.length]()
    turn += 1
    if (turn % 2 === 1) throw made
    return Promise.reject(made)
  },
})`,
  times: 20,
  endings: ['threw'],
}
