import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'B05',
  class: 'capability',
  title: 'headers that would make another request: none of them is sent',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { fetch: { hosts: ['allowed.example'] } },
  authorizePublish: async (event, ctx) => {
    const from = (turn++ * 4) % HEADERS.length
    for (const headers of HEADERS.slice(from, from + 4)) {
      try {
        await ctx.fetch('https://allowed.example/', { headers })
        return allow()
      } catch (error) {
        if (error.code !== 'notAllowed' && error.code !== 'invalid') return allow()
      }
    }
    return deny()
  },
})
let turn = 0
const HEADERS = [
  { x: 'a\\r\\nHost: evil' }, { Host: 'evil' }, { 'Transfer-Encoding': 'chunked' }, { 'Content-Length': '5' },
  { Connection: 'x-internal' }, { 'X-Forwarded-For': '127.0.0.1' }, { 'Proxy-Authorization': 'x' },
  { Cookie: 'a=b' },
]`,
  allow: { fetch: { hosts: ['allowed.example'] } },
  endings: ['deny'],
}
