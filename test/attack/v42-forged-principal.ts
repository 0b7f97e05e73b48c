import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'V42',
  class: 'spoof',
  title: 'principals, roles and attributes that no log or packet can carry: the connect is refused',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  authenticate: () => [
    allow({ principal: 'root\\n\\u001b[2J' }),
    allow({ principal: '' }),
    allow({ roles: Array(100).fill('admin') }),
    allow({ attributes: JSON.parse('{"__proto__":{"tenant":"bystander"},"\\\\u0000":"x"}') }),
    allow({ tenant: 'bystander' }),
    allow({ session: { assignedClientId: '\\u0000' } }),
  ][turn++ % 6],
})
let turn = 0`,
  endings: ['bad-verdict'],
  hook: 'authenticate',
  times: 6,
}
