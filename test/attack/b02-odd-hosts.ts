import type { Attack } from './attack.ts'

export const attack: Attack = {
  id: 'B02',
  class: 'capability',
  title: 'hosts spelled oddly: each is refused before a packet leaves',
  plugin: `
import { allow, definePlugin, deny } from 'bulkhead/plugin'
export default definePlugin({
  capabilities: { fetch: { hosts: ['allowed.example'] } },
  authorizePublish: async (event, ctx) => {
    const from = (turn++ * 8) % ODD.length
    for (const url of ODD.slice(from, from + 8)) {
      try {
        await ctx.fetch(url)
        return allow()
      } catch (error) {
        if (error.code !== 'notAllowed' && error.code !== 'invalid') return allow()
      }
    }
    return deny()
  },
})
let turn = 0
const ODD = [
  'http://127.1/', 'https://2130706433/', 'https://0x7f.1/', 'https://0177.0.0.1/', 'https://0/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/', 'https://localhost./',
  'https://①②⑦.⓪.⓪.①/', 'https://user@127.0.0.1/',
  'file:///etc/passwd', 'https://allowed.example@10.0.0.1/', 'https://allowed.example:22/', 'gopher://x',
  'https://127.0.0.1.nip.io/', 'https://allowed.example.evil.example/',
]`,
  allow: { fetch: { hosts: ['allowed.example'] } },
  endings: ['deny'],
}
