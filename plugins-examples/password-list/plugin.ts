import { allow, definePlugin, deny } from 'bulkhead/plugin'
import { sha256 } from './sha256.ts'

/** The SHA-256 of each user's password: all of one length, so that comparing tells nothing by its time. */
const digestOf = new Map<string, Uint8Array>()

/** An unknown user is compared with this, to take as long as a known one with a wrong password. */
const NOBODY = new Uint8Array(32)

const DIGEST = /^sha256:([0-9a-f]{64})$/

export default definePlugin({
  config: {
    type: 'object',
    properties: {
      users: {
        type: 'object',
        description: 'User name to password, or to sha256: and the hex digest of it.',
        additionalProperties: { type: 'string', minLength: 1, secret: true },
      },
    },
    required: ['users'],
    additionalProperties: false,
  },
  capabilities: { password: true },

  setup(ctx) {
    for (const [user, password] of Object.entries(ctx.config.users)) {
      const hex = DIGEST.exec(password)?.[1]
      digestOf.set(user, hex === undefined ? sha256(utf8(password)) : fromHex(hex))
    }
  },

  authenticate({ username, password }) {
    if (username === undefined || password === undefined) return deny('badUserNameOrPassword', 'who are you?')
    const digest = digestOf.get(username)
    const same = equal(sha256(password), digest ?? NOBODY)
    return digest !== undefined && same
      ? allow()
      : deny('badUserNameOrPassword', 'wrong user name or password')
  },
})

/** Looks at every byte whatever it finds. */
function equal(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length
  for (const [index, byte] of one.entries()) difference |= byte ^ (other[index] ?? 0)
  return difference === 0
}

function utf8(text: string): Uint8Array {
  const bytes = encodeURIComponent(text).match(/%..|[^%]/g) ?? []
  return Uint8Array.from(bytes, (each) =>
    each.length === 3 ? Number.parseInt(each.slice(1), 16) : each.charCodeAt(0),
  )
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
