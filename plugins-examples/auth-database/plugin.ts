import { allow, definePlugin, deny } from 'bulkhead/plugin'

/** How a stored hash begins, by the name that aMQTT gives its scheme. */
const BEGINS = { argon2: '$argon2id$', bcrypt: '$2', pbkdf2_sha256: '$pbkdf2-sha256$' } as const

/** Who is unknown is checked against this, of a password that nobody has: it takes about as long. */
const NOBODY =
  '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      hashSchemes: {
        type: 'array',
        description: 'How passwords may be hashed; a hash of another scheme admits nobody.',
        items: { type: 'string', enum: ['argon2', 'bcrypt', 'pbkdf2_sha256'] },
        default: ['argon2', 'bcrypt'],
      },
    },
    additionalProperties: false,
  },
  capabilities: { query: { names: ['findUser'] }, crypto: true, password: true },

  async authenticate({ username, password }, ctx) {
    if (!username || !password?.length) return deny('badUserNameOrPassword', 'who are you?')
    const [user] = await ctx.query('findUser', { username })
    const hash = user?.['password_hash']
    const known = typeof hash === 'string' && isAccepted(hash, ctx.config.hashSchemes)
    const matches = await ctx.crypto.verifyPassword(password, known ? hash : NOBODY)
    return known && matches ? allow() : deny('badUserNameOrPassword', 'wrong user name or password')
  },
})

function isAccepted(hash: string, schemes: readonly (keyof typeof BEGINS)[]): boolean {
  return schemes.some((scheme) => hash.startsWith(BEGINS[scheme]))
}
